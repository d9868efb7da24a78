"""Environment variables as platform files write them: by their names, wherever a reader of the file finds them."""

from __future__ import annotations

import pytest

from neonlint import formats
from neonlint.extract_data import connections_of
from neonlint.formats.claims import format_of

URL = "postgresql://app:pw@ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech/db?sslmode=require"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("k8s.yaml", "spec:\n  containers:\n    - env:\n        - name: DB_URL\n          value: @\n"),
        ("render.yaml", "services:\n  - envVars:\n      - key: DB_URL\n        value: @\n"),
        ("do.yaml", "services:\n  - envs:\n      - key: DB_URL\n        scope: RUN_TIME\n        value: @\n"),
        ("azure-pipelines.yml", "variables:\n  - name: DB_URL\n    value: @\n  - group: g\n"),
        ("values.yaml", "extraEnv:\n  - name: DB_URL\n    value: @\n"),
        ("cloudbuild.yaml", "steps:\n  - env:\n      - DB_URL=@\n"),
        ("compose.yaml", "x-env: &env\n  DB_URL: @\n  PORT: 1\nservices: {}\n"),
        ("template.yaml", "Environment:\n  Variables:\n    DB_URL: @\n    NAME: !Ref X\n"),
        (".gitlab-ci.yml", "variables:\n  DB_URL:\n    value: @\n    description: the database\n"),
        ("task.json", '{"containerDefinitions": [{"environment": [{"name": "DB_URL", "value": "@"}]}]}'),
        ("app.json", '{"env": {"DB_URL": {"value": "@", "description": "the database"}}}'),
        ("stack.json", '{"Environment": {"Variables": {"DB_URL": "@"}}}'),
        ("netlify.toml", '[context.production.environment]\nDB_URL = "@"\n'),
        ("wrangler.toml", '[env.staging.vars]\nDB_URL = "@"\n'),
    ],
)
def test_a_variable_is_known_by_its_name(path: str, text: str) -> None:
    document = formats.load(format_of(path)).read(
        path, text.replace("@\n", f"{URL}\n").replace('@"', f'{URL}"').encode()
    )
    assert document.root is not None
    (found,) = connections_of(document, document.root)
    assert (found.name, found.standing) == ("DB_URL", "environment")
