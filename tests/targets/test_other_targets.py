"""Other languages: what is generated parses in its own language, and every option in it is one that the driver's release
declares (`options/*.toml` names file and version)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import yaml
from generated import (
    DATABASE,
    HOSTILE,
    LABEL,
    POOLED,
    ROLE,
    SOURCE,
    Case,
    cases,
    files,
    options,
    parsed,
    text_of,
    variables,
    within,
)
from psycopg import conninfo, pq

from neonlint import generate
from neonlint.generate import Wish
from neonlint.sizing import Compute
from neonlint.targets import load
from neonlint.targets.model import PROFILES, Profile, Role

NAMES = (
    "go-pgx", "jdbc", "spring", "npgsql", "rails", "laravel", "ecto", "rust-sqlx", "pgadmin", "dbeaver", "docker-compose", "github-actions",
)  # fmt: skip


# --- every language ---


@pytest.mark.parametrize("case", cases(*NAMES), ids="-".join)
@pytest.mark.parametrize("source", [None, SOURCE, HOSTILE], ids=["placeholder", "string", "hostile string"])
def test_it_parses_in_its_own_language(case: Case, source: str | None) -> None:
    name, profile, runtime, role = case
    made = generate.generate(load(name), source, Wish(profile, runtime, role, Compute(0.25, 2), 4))
    assert not made.findings
    for path, text, _ in made.output.files:
        assert text.endswith("\n") and not text.endswith("\n\n")
        assert not any(line != line.rstrip() for line in text.splitlines()), "no blanks at the end of a line"
        assert ("\t" in text) == path.endswith(".go"), "only Go is indented with tabs"
        suffix = Path(path).suffix
        if path == "config/database.yml":
            read_rails(text, {"DATABASE_URL": "pooled", "DATABASE_URL_UNPOOLED": "direct"})
        elif suffix in {".yml", ".yaml"}:
            assert yaml.safe_load(text)
        elif suffix == ".properties":
            assert all(re.fullmatch(r"#.*|[A-Za-z]+=\d+", line) for line in text.splitlines())
        else:
            parsed(suffix, text)


def test_a_grammar_that_is_not_satisfied_says_so() -> None:
    with pytest.raises(AssertionError):
        parsed(".go", "package database\n\nfunc Open() {\n")


@pytest.mark.parametrize("name", ["go-pgx", "jdbc", "spring", "npgsql", "rails", "ecto", "rust-sqlx"])
def test_the_arithmetic_stands_above_the_pool_size(name: str) -> None:
    plan = generate.plan_of(load(name), SOURCE, Wish(compute=Compute(0.25, 2), workers=4))
    assert len(plan.pool.why) == 2
    text = next(text for text in files(name).values() if plan.pool.why[0] in text)
    below = text[text.index(plan.pool.why[1]) :].splitlines()[1]
    assert re.search(rf"\b{plan.pool.size}\b", below), below


@pytest.mark.parametrize("role", ["migrate", "admin"])
@pytest.mark.parametrize("name", NAMES)
def test_only_the_application_goes_through_the_pooler(name: str, role: Role) -> None:
    if role in load(name).roles:
        assert "-pooler" not in str([files(name, role=role), variables(name, role=role)])


# --- Go ---


def test_go_says_what_pgx_knows() -> None:
    known = options("pgx", "pool_config", "connection_config")
    calls = options("pgx", "functions")
    for role in load("go-pgx").roles:
        (text,) = files("go-pgx", role=role).values()
        root = parsed(".go", text)
        fields = [text_of(node) for node in within(root, "field_identifier")]
        assigned = [
            text_of(side).split(".")[1:] for node in within(root, "assignment_statement") if (side := node.child(0))
        ]
        assert assigned and {part for parts in assigned for part in parts} <= known
        used = {text_of(node) for node in within(root, "selector_expression") if text_of(node).startswith("pgx")}
        assert used and used <= calls, fields
        assert ("pgxpool.NewWithConfig" in used) == (role == "app")


@pytest.mark.parametrize(("profile", "mode"), [("baseline", "require"), ("strict", "verify-full")])
def test_the_url_of_pgx_holds_its_own_parameters(profile: Profile, mode: str) -> None:
    known = options("pgx", "connection_string")
    for value in variables("go-pgx", profile).values():
        query = dict(parse_qsl(urlsplit(value).query))
        assert query == {"sslmode": mode, "channel_binding": "require"} and set(query) <= known


# --- Java ---


def jdbc(url: str) -> tuple[str, str, dict[str, str]]:
    """Host, database and properties, taken apart as pgJDBC does."""
    parts = urlsplit(url.removeprefix("jdbc:"))
    assert url.startswith("jdbc:postgresql://") and "@" not in parts.netloc, "a role in front of the host is part of it"
    properties = dict(pair.split("=") for pair in parts.query.split("&"))
    return parts.netloc, unquote(parts.path[1:]), {name: unquote(value) for name, value in properties.items()}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", ["jdbc", "spring"])
def test_a_jdbc_url_is_one(name: str, profile: Profile) -> None:
    values = variables(name, profile)
    host, database, properties = jdbc(values["JDBC_DATABASE_URL"])
    assert (host, database) == (POOLED, "shop")
    assert properties.keys() <= options("pgjdbc", "properties")
    assert properties["sslmode"] == {"baseline": "require", "strict": "verify-full"}[profile]
    assert properties["channelBinding"] == "require"
    assert properties["connectTimeout"] == "15", "in seconds"
    assert options("pgjdbc", "sslmode") > {properties["sslmode"]}
    factory = properties.get("sslfactory")
    assert (factory in options("pgjdbc", "socket_factories")) == (profile == "strict"), "the default one reads a file"
    assert values["JDBC_DATABASE_PASSWORD"] == "<password>" and "password" not in values["JDBC_DATABASE_URL"]


def test_odd_names_in_a_jdbc_url() -> None:
    values = variables("jdbc", source=HOSTILE)
    _, database, properties = jdbc(values["JDBC_DATABASE_URL"])
    assert (database, properties["ApplicationName"]) == (DATABASE, LABEL)
    assert values["JDBC_DATABASE_USERNAME"] == ROLE


def test_hikari_knows_each_property() -> None:
    lines = [line for line in files("jdbc")["hikari.properties"].splitlines() if not line.startswith("#")]
    known = options("hikari", "properties")
    values = {name: int(value) for name, value in (line.split("=") for line in lines)}
    assert values.keys() <= known
    code = files("jdbc")["Database.java"]
    setters = re.findall(r"config\.set(\w+)\(", code)
    assert {name[0].lower() + name[1:] for name in setters} <= known
    check_pool_times(values)


def check_pool_times(values: Mapping[str, int]) -> None:
    """What HikariConfig.validate would put back to its defaults."""
    assert values["keepaliveTime"] == 0 and values["minimumIdle"] == 0
    assert values["maxLifetime"] >= 30_000 and values["idleTimeout"] >= 10_000
    assert values["idleTimeout"] + 1000 <= values["maxLifetime"]


@pytest.mark.parametrize("seconds", [10, 60, 300, 0])
def test_no_pool_time_is_shorter_than_hikari_takes(seconds: int) -> None:
    made = generate.generate(load("jdbc"), SOURCE, Wish(suspend_seconds=seconds))
    lines = made.output.files[1].text.splitlines()
    check_pool_times({n: int(v) for n, v in (line.split("=") for line in lines if not line.startswith("#"))})


def test_spring_knows_each_property() -> None:
    spring = yaml.safe_load(files("spring")["src/main/resources/application.yaml"])["spring"]
    hikari = {
        re.sub(r"-(\w)", lambda m: m[1].upper(), name): value
        for name, value in spring["datasource"].pop("hikari").items()
    }
    assert hikari.keys() <= options("hikari", "properties")
    check_pool_times(hikari)
    assert spring["datasource"].keys() <= options("spring", "datasource")
    assert spring["flyway"].keys() <= options("spring", "flyway")
    assert spring["flyway"]["url"] == "${JDBC_DATABASE_URL_UNPOOLED}"
    profile = yaml.safe_load(files("spring", role="migrate")["src/main/resources/application-migrate.yaml"])["spring"]
    assert profile["datasource"].keys() <= options("spring", "datasource")
    assert profile["main"].keys() <= options("spring", "main")


@pytest.mark.skipif(shutil.which("javac") is None, reason="needs a JDK")
def test_java_compiles(tmp_path: Path) -> None:
    (tmp_path / "Database.java").write_text(files("jdbc", role="migrate")["Database.java"])
    subprocess.run(["javac", "-Xlint:all", "-Werror", "Database.java"], cwd=tmp_path, check=True)


# --- .NET ---


def ado(text: str) -> dict[str, str]:
    """A connection string as DbConnectionStringBuilder reads it, as far as it is used."""
    pairs = re.findall(r'([^=;]+)=("(?:[^"]|"")*"|[^;]*)(?:;|$)', text)
    assert ";".join(f"{name}={value}" for name, value in pairs) == text
    return {name: value[1:-1].replace('""', '"') if value[:1] == '"' else value for name, value in pairs}


@pytest.mark.parametrize(("profile", "mode"), [("baseline", "Require"), ("strict", "VerifyFull")])
def test_npgsql_knows_each_keyword(profile: Profile, mode: str) -> None:
    made = files("npgsql", profile)
    values = ado(json.loads(made["appsettings.json"])["ConnectionStrings"]["Database"])
    assert values.keys() <= options("npgsql", "keywords") - {"Password", "Trust Server Certificate"}
    assert (values["Host"], values["SSL Mode"], values["Channel Binding"]) == (POOLED, mode, "Require")
    assert options("npgsql", "ssl_mode") > {mode} and options("npgsql", "channel_binding") > {"Require"}
    for role in load("npgsql").roles:
        code = files("npgsql", profile, role)["Database.cs"]
        assigned = re.findall(r"connection\.(\w+) =", code)
        assert assigned and set(assigned) <= options("npgsql", "properties")


def test_an_npgsql_pool_for_a_compute_that_suspends_soon() -> None:
    """Building the data source fails where connections live shorter than the ten seconds between two prunings."""
    output = generate.generate(load("npgsql"), None, Wish(suspend_seconds=5)).output
    assert "connection.ConnectionIdleLifetime = 10;" in output.files[0].text


def test_odd_names_in_an_npgsql_string() -> None:
    values = ado(json.loads(files("npgsql", source=HOSTILE)["appsettings.json"])["ConnectionStrings"]["Database"])
    assert (values["Username"], values["Database"], values["Application Name"]) == (ROLE, DATABASE, LABEL)


# --- Ruby ---


def read_rails(text: str, environment: Mapping[str, str]) -> dict[str, dict[str, dict[str, str | int]]]:
    """`database.yml` after ERB, which only looks variables up."""
    read: list[str] = []
    for node in within(parsed(".erb", text), "code"):
        parsed(".rb", text_of(node))
        read += re.findall(r'\AENV\["(\w+)"\]\Z', text_of(node).strip())
    assert len(read) == text.count("<%") and set(read) <= environment.keys()
    made: dict[str, dict[str, dict[str, str | int]]] = yaml.safe_load(
        re.sub(r'<%= ENV\["(\w+)"\] %>', lambda found: environment[found[1]], text)
    )
    return made


LIBPQ = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("role", ["app", "migrate"])
def test_rails_knows_each_key(profile: Profile, role: Role) -> None:
    values = variables("rails", profile, role)
    production = read_rails(files("rails", profile, role)["config/database.yml"], values)["production"]
    known = options("rails", "configuration", "adapter") | LIBPQ
    for config in production.values():
        assert config.keys() <= known
        given = conninfo.conninfo_to_dict(str(config["url"]))
        assert given["sslmode"] == {"baseline": "require", "strict": "verify-full"}[profile]
        assert given["channel_binding"] == "require" and given.keys() <= LIBPQ
    assert "-pooler" not in str(production["direct"]["url"])
    assert "primary" not in production or production["primary"]["database_tasks"] is False


# --- PHP ---


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("role", ["app", "migrate", "admin"])
def test_laravel_knows_each_key(profile: Profile, role: Role) -> None:
    text = files("laravel", profile, role)["config/database.php"]
    assert set(re.findall(r"^    '(\w+)' =>", text, re.M)) <= options("laravel", "database")
    keys = set(re.findall(r"^            '(\w+)' =>", text, re.M))
    assert keys <= options("laravel", "connection", "connector")
    assert ("sslrootcert" in keys) == (profile == "strict")
    assert ("direct" in keys) == (role == "app")
    assert set(re.findall(r"\['(\w+)' => env", text)) <= options("laravel", "direct")
    values = variables("laravel", profile, role)
    assert set(re.findall(r"env\('(\w+)'\)", text)) <= values.keys(), "what has no default is set"
    assert values["PGCHANNELBINDING"] == "require", "a variable of libpq's, because the connector hands no such key on"
    assert "channel_binding" not in options("laravel", "connector")


# --- Elixir ---


@pytest.mark.parametrize("role", ["app", "migrate"])
def test_ecto_knows_each_option(role: Role) -> None:
    text = files("ecto", role=role)["config/runtime.exs"]
    names = set(re.findall(r"^    (\w+):", text, re.M))
    assert {"url", "ssl"} < names <= options("ecto", "postgrex", "adapter", "repo")
    assert "ssl: [cacerts: :public_key.cacerts_get()]" in text, "the URL's sslmode says nothing to Postgrex"


# --- Rust ---


@pytest.mark.parametrize("profile", PROFILES)
def test_sqlx_knows_each_method_and_parameter(profile: Profile) -> None:
    (text,) = files("rust-sqlx", profile).values()
    called = set(re.findall(r"^        \.(\w+)[(]", text, re.M))
    assert "max_connections" in called and called <= options("sqlx", "pool_options")
    (url,) = variables("rust-sqlx", profile).values()
    query = dict(parse_qsl(urlsplit(url).query))
    assert query == {"sslmode": "verify-full"} and query.keys() <= options("sqlx", "url")
    features = re.findall(r"[a-z]+(?:-[a-z]+)*", load("rust-sqlx").needs[0].partition("features ")[2])
    assert len(features) == 4 and set(features) <= options("sqlx", "features")


@pytest.mark.skipif(shutil.which("rustfmt") is None, reason="needs rustfmt")
@pytest.mark.parametrize("role", ["app", "migrate", "admin"])
def test_rust_is_formatted(role: Role) -> None:
    (text,) = files("rust-sqlx", role=role).values()
    done = subprocess.run(
        ["rustfmt", "--edition", "2021", "--emit", "stdout"], input=text, capture_output=True, text=True, check=True
    )
    assert done.stdout == text
