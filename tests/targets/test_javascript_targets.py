"""Generated TypeScript and JSON, held against the compiler and the packages that they are for."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml
from node.conftest import HOST
from node.npm import Npm
from targets.built import POOLED, SOURCE, Failed, Way, made, prisma, ran, ways

from neonlint import generate
from neonlint.generate import Wish
from neonlint.targets import load
from neonlint.targets.model import PROFILES, Profile

pytestmark = pytest.mark.node

OPTIONS = {
    "strict": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": False,
    "noEmit": True,
    "skipLibCheck": True,
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
}
WORKERS = ("cloudflare-*/**/*.ts", "neon-serverless-ws-*-edge-app/**/*.ts")


def compiled(npm: Npm, folder: Path, options: dict[str, object], **files: list[str]) -> str:
    """What the compiler says to the TypeScript of a folder; `files` are `include` and `exclude`."""
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": {**OPTIONS, **options}, **files}))
    return ran(["node", f"{npm.folder}/node_modules/typescript/bin/tsc", "--pretty", "false"], folder)


def test_the_compiler_takes_it(npm: Npm, folder: Path) -> None:
    """Strict, against the types of the packages: of Node.js, and of Workers where it is one."""
    (folder / "neon-serverless-baseline-serverless-app" / "wrong.ts").write_text(
        'import { Pool } from "pg";\nnew Pool({ maximum: 1 });\n'
    )
    node: dict[str, object] = {"types": ["node"]}
    with pytest.raises(Failed, match=r"^neon-serverless-baseline-serverless-app/wrong\.ts.*maximum.*\n$"):
        compiled(npm, folder, node, include=["**/*.ts"], exclude=[*WORKERS])
    (folder / "neon-serverless-baseline-serverless-app" / "wrong.ts").unlink()
    assert compiled(npm, folder, node, include=["**/*.ts"], exclude=[*WORKERS]) == ""
    workers: dict[str, object] = {"types": ["@cloudflare/workers-types"], "lib": ["es2022"]}
    assert compiled(npm, folder, workers, include=[*WORKERS]) == ""


def test_prettier_would_not_change_it(npm: Npm, folder: Path) -> None:
    files = {folder / "-".join(way) / file.path for way in ways() for file in made(way).files}
    written = [str(path) for path in sorted(files) if path.suffix in (".ts", ".json", ".jsonc")]
    assert len(written) > 50
    plain = {"overrides": [{"files": "*.jsonc", "options": {"trailingComma": "none"}}]}  # as Cloudflare writes it
    (folder / ".prettierrc").write_text(json.dumps(plain))
    ran(["node", f"{npm.folder}/node_modules/prettier/bin/prettier.cjs", "--check", *written], npm.folder)


# Prisma


@pytest.mark.parametrize("way", [way for way in ways() if way[0] == "prisma"], ids="-".join)
def test_prisma_takes_schema_and_configuration(npm: Npm, folder: Path, way: Way) -> None:
    place = folder / "-".join(way)
    assert "is valid" in prisma(npm, place, "validate")
    with pytest.raises(Failed, match="Connection url is empty"):
        prisma(npm, place, "migrate", "deploy", DATABASE_URL=SOURCE)
    text = (place / "prisma.config.ts").read_text()
    question = [{"text": text, "env": {"DATABASE_URL_UNPOOLED": SOURCE}}]
    assert npm.ask("prisma_config", question) == [{"datasource": {"url": SOURCE}}]


@pytest.mark.parametrize("way", [way for way in ways() if way[0] == "prisma-6"], ids="-".join)
def test_prisma_6_takes_the_schema(npm: Npm, folder: Path, way: Way) -> None:
    schema = (folder / "-".join(way) / "prisma/schema.prisma").read_text()
    six, seven = npm.ask(
        "prisma_schema", [{"module": f"prisma-schema-{version}", "schema": schema} for version in ("6.19", "7.3")]
    )
    assert six is None
    assert seven is not None, "what Prisma 7 refuses, Prisma 6 needs"


# What `params` of Prisma's engine are there: the names that its source reads (see the module of the target).
ENGINE = {"sslmode", "sslaccept", "channel_binding", "connect_timeout", "pool_timeout", "connection_limit"} | {
    "max_idle_connection_lifetime"
}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_engine_of_prisma_6_knows_every_parameter(profile: Profile) -> None:
    plan = generate.plan_of(load("prisma-6"), SOURCE, Wish(profile))
    pooled, direct = (v.value for v in load("prisma-6").render(plan).variables)
    for url in (pooled, direct):
        given = dict(pair.split("=") for pair in url.partition("?")[2].split("&"))
        assert set(given) <= ENGINE
        assert given["sslmode"] == "require", "verify-full would count as prefer"
        assert given.get("sslaccept") == ("strict" if profile == "strict" else None)
    assert POOLED in pooled and HOST in direct
    assert f"connection_limit={plan.pool.size}&" in pooled and "connection_limit" not in direct


# Configuration of platforms


@pytest.mark.parametrize("way", [way for way in ways() if way[0].startswith("cloudflare")], ids="-".join)
def test_wrangler_takes_its_configuration(npm: Npm, folder: Path, way: Way) -> None:
    schema = json.loads((npm.folder / "node_modules/wrangler/config-schema.json").read_text())
    place = folder / "-".join(way)
    settings = json.loads((place / "wrangler.jsonc").read_text())
    validator = jsonschema.validators.validator_for(schema)({**schema, "$ref": "#/definitions/RawConfig"})
    assert [error.message for error in validator.iter_errors(settings)] == []
    assert list(validator.iter_errors({**settings, "hyperdrive": [{"binding": "X"}]})), "the schema says something"
    assert (place / settings["main"]).is_file()
    assert settings["placement"] == {"region": "aws:us-east-2"}


@pytest.mark.parametrize("profile", PROFILES)
def test_hyperdrive_is_made_with_options_of_wrangler(npm: Npm, folder: Path, tmp_path: Path, profile: Profile) -> None:
    """The script runs, with commands in the place of wrangler and curl that write down what they are given."""
    for name in ("npx", "curl"):
        (tmp_path / name).write_text('#!/bin/sh\nprintf "%s\\n" "$*" >>said\n')
        (tmp_path / name).chmod(0o755)
    script = folder / f"cloudflare-hyperdrive-{profile}-edge-app" / "hyperdrive.sh"
    done = subprocess.run(
        ["sh", script],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "DATABASE_URL_UNPOOLED": SOURCE},
        input="an-id\n",
        text=True,
        capture_output=True,
        check=True,
    )
    assert "pw" not in done.stdout + done.stderr
    said = (tmp_path / "said").read_text()
    mode = {"baseline": "--sslmode require", "strict": "--sslmode verify-full --ca-certificate-id an-id"}[profile]
    assert said.endswith(f"wrangler hyperdrive create neon --connection-string={SOURCE} {mode}\n")
    wrangler = (npm.folder / "node_modules/wrangler/wrangler-dist/cli.js").read_text()
    for option in re.findall(r"(?<=wrangler ).*", said):
        for name in re.findall(r" --([a-z-]+)", option):
            assert re.search(rf'^\s+"?{name}"?: \{{$', wrangler, re.MULTILINE), name


def test_vercel_takes_its_configuration(npm: Npm, folder: Path) -> None:
    """Vercel's own type for vercel.json is what it is compiled against."""
    settings = json.loads((folder / "vercel-strict-serverless-app" / "vercel.json").read_text())
    assert settings.pop("$schema") == "https://openapi.vercel.sh/vercel.json"
    assert settings["regions"] == ["cle1"]
    place = npm.folder / "vercel-json"
    place.mkdir()

    def checked(value: object) -> str:
        head = 'import type { VercelConfig } from "@vercel/config/v1";\n'
        (place / "vercel.ts").write_text(f"{head}export const config: VercelConfig = {json.dumps(value)};\n")
        return compiled(npm, place, {"types": []}, include=["*.ts"])

    assert checked(settings) == ""
    with pytest.raises(Failed, match="buildCommands"):
        checked({**settings, "buildCommands": "x"})


def test_the_build_command_migrates_past_the_pooler(tmp_path: Path) -> None:
    """A shell runs it with a script in the place of npm."""
    (tmp_path / "npm").write_text('#!/bin/sh\necho "$2 $DATABASE_URL"\n')
    (tmp_path / "npm").chmod(0o755)
    [text] = [file.text for file in made(("vercel", "baseline", "serverless", "app")).files if "json" in file.path]
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "DATABASE_URL": "pooled", "DATABASE_URL_UNPOOLED": "di rect"}
    done = subprocess.run(
        ["sh", "-c", json.loads(text)["buildCommand"]], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "migrate di rect\nbuild pooled\n"


def test_lambda_may_read_its_secret_alone() -> None:
    [text] = [f.text for f in made(("aws-lambda", "baseline", "serverless", "app")).files if f.path == "template.yaml"]
    properties = yaml.safe_load(text)["Resources"]["Function"]["Properties"]
    [name] = properties["Environment"]["Variables"].values()
    [policy] = properties["Policies"]
    assert policy["AWSSecretsManagerGetSecretValuePolicy"]["SecretArn"]["Fn::Sub"].endswith(f":secret:{name}-*")
    assert "postgres" not in text
