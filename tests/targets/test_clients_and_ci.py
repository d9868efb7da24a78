"""Desktop clients, containers and CI: what is generated is taken by libpq, by the schemas of Compose and GitHub, and holds
only fields that the releases named in `options/*.toml` read."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from generated import DATABASE, DIRECT, HOSTILE, ROLE, SOURCE, files, options, variables
from psycopg import conninfo

from neonlint.targets.model import PROFILES, Profile, Role

# --- desktop clients ---


@pytest.mark.parametrize(("profile", "mode"), [("baseline", "require"), ("strict", "verify-full")])
def test_pgadmin_imports_it(profile: Profile, mode: str) -> None:
    (server,) = json.loads(files("pgadmin", profile)["servers.json"])["Servers"].values()
    assert (
        {"Name", "Group", "Host", "Port", "Username", "MaintenanceDB"} <= server.keys() <= options("pgadmin", "server")
    )
    assert type(server["Port"]) is int
    parameters = server["ConnectionParameters"]
    assert parameters.keys() <= options("pgadmin", "connection_parameters")
    made = conninfo.conninfo_to_dict(conninfo.make_conninfo(host=server["Host"], **parameters))
    assert (made["host"], made["sslmode"], made["channel_binding"], made["connect_timeout"]) == (
        DIRECT,
        mode,
        "require",
        "15",
    )


@pytest.mark.parametrize(("profile", "mode"), [("baseline", "require"), ("strict", "verify-full")])
def test_dbeaver_reads_it(profile: Profile, mode: str) -> None:
    (connection,) = json.loads(files("dbeaver", profile)[".dbeaver/data-sources.json"])["connections"].values()
    assert connection.keys() <= options("dbeaver", "connection")
    configuration = connection["configuration"]
    assert configuration.keys() <= options("dbeaver", "configuration") - {"password"}
    assert configuration["host"] == DIRECT and configuration["properties"].keys() <= options("pgjdbc", "properties")
    ((name, handler),) = configuration["handlers"].items()
    assert name == "postgre_ssl" and handler["enabled"] and handler.keys() <= options("dbeaver", "handler")
    assert handler["properties"].keys() <= options("dbeaver", "ssl_properties")
    assert handler["properties"]["sslMode"] == mode and configuration["properties"]["channelBinding"] == "require"


# --- containers and CI ---


def validate(schema: str, path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("role", ["app", "migrate", "admin"])
def test_compose_takes_it(tmp_path: Path, profile: Profile, role: Role) -> None:
    text = files("docker-compose", profile, role)["compose.yaml"]
    path = tmp_path / "compose.yaml"
    path.write_text(text)
    validate("compose-spec", path)
    asked = set(re.findall(r"(?<!\$)\$\{(\w+):\?", text))
    assert asked == variables("docker-compose", profile, role).keys(), "each variable is asked for, none is written out"
    for service in yaml.safe_load(text)["services"].values():
        for word in service.get("entrypoint", []):
            assert re.sub(r"\$\$", "", word).count("$") == 0, "Compose leaves $$ to the container's shell"
        own_roots = service.get("image", "").endswith("alpine")
        assert own_roots or ("SSL_CERT_FILE" in service["environment"]) == (profile == "strict")
        assert all(volume["bind"] == {"create_host_path": False} for volume in service.get("volumes", []))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("role", ["app", "migrate"])
@pytest.mark.parametrize("source", [SOURCE, HOSTILE], ids=["string", "hostile string"])
def test_github_takes_it(tmp_path: Path, profile: Profile, role: Role, source: str) -> None:
    ((name, text),) = files("github-actions", profile, role, source).items()
    path = tmp_path / Path(name).name
    path.write_text(text)
    validate("github-workflows", path)
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}, "each job says what it needs"
    assert set(re.findall(r"uses: (.*)", text)) <= options("neon_actions", "commits")
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all("${{" not in step.get("run", "") for step in steps), "an expression in a script is executed"
    assert set(re.findall(r"outputs\.(\w+)", text)) <= options("neon_actions", "create_outputs")
    for step in steps:
        action = re.search(r"/(\w+)-branch-action@|/(checkout)@", step.get("uses", ""))
        if action:
            assert step["with"].keys() <= options("neon_actions", f"{action[1] or action[2]}_inputs")


def test_the_branch_is_the_database_that_was_asked_for() -> None:
    (text,) = files("github-actions", "strict", source=HOSTILE).values()
    test = yaml.safe_load(text)["jobs"]["test"]
    (create,) = [step for step in test["steps"] if step.get("id") == "branch"]
    given = create["with"]
    assert given["ssl"] == "verify-full" and given["role"] == ROLE
    assert given["database"].replace("${{ '${{' }}", "${{") == DATABASE and given["database"] != DATABASE
    environments = [step["env"] for step in test["steps"] if "env" in step]
    assert environments == [
        {"DATABASE_URL_UNPOOLED": "${{ steps.branch.outputs.db_url }}", "PGSSLROOTCERT": "system"},
        {"DATABASE_URL": "${{ steps.branch.outputs.db_url_pooled }}", "PGSSLROOTCERT": "system"},
    ]


def test_the_branch_is_deleted_in_the_end() -> None:
    (text,) = files("github-actions").values()
    workflow = yaml.safe_load(text)
    trigger = workflow[True]["pull_request"]["types"]  # YAML 1.1 reads `on` as a boolean, GitHub does not
    assert "closed" in trigger
    jobs = workflow["jobs"]
    assert "github.event.action != 'closed'" in jobs["test"]["if"]
    assert "github.event.action == 'closed'" in jobs["delete"]["if"]
    assert all("user.login != 'dependabot[bot]'" in job["if"] for job in jobs.values()), "it is given no secrets"
    (delete,) = jobs["delete"]["steps"]
    (create,) = [step for step in jobs["test"]["steps"] if step.get("id") == "branch"]
    assert delete["with"]["branch"] == create["with"]["branch_name"]
