"""Generated TypeScript, run with its packages against a listener: how it speaks TLS, where to, and as whom."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from drivers.wire import ASK_SASL, Sent, talk
from node.conftest import HOST, Certificate
from node.npm import Npm
from targets.built import POOLED, SOURCE, Way, laid_out, made, ran

from neonlint import generate
from neonlint.generate import Wish
from neonlint.sizing import Compute
from neonlint.targets import load
from neonlint.targets.model import PROFILES, Output, Profile, Role, Runtime

pytestmark = pytest.mark.node


@dataclass(frozen=True)
class Run:
    """One generated module: which, where, and how its probe uses it."""

    way: tuple[str, Runtime, Role]
    file: str
    use: str

    def __str__(self) -> str:
        return "-".join(self.way)


#: What connects with node-postgres.
PG = [
    Run(("node-postgres", "server", "app"), "db.ts", "pool"),
    Run(("node-postgres", "serverless", "app"), "db.ts", "pool"),
    Run(("node-postgres", "server", "migrate"), "migrate.ts", "script"),
    Run(("node-postgres", "server", "admin"), "script.ts", "script"),
    Run(("prisma", "server", "app"), "src/db.ts", "prisma"),
    Run(("drizzle", "server", "app"), "src/db/index.ts", "db"),
    Run(("drizzle", "server", "admin"), "src/script.ts", "script"),
    Run(("nextjs", "serverless", "app"), "lib/db.ts", "pool"),
    Run(("nextjs", "server", "app"), "lib/db.ts", "pool"),
    Run(("vercel", "serverless", "app"), "lib/db.ts", "pool"),
    Run(("aws-lambda", "serverless", "app"), "src/handler.ts", "handler"),
]
POSTGRES_JS = [
    Run(("postgres-js", "server", "app"), "db.ts", "sql"),
    Run(("postgres-js", "server", "migrate"), "db.ts", "sql"),
]
HTTP = [
    Run(("neon-serverless", "serverless", "app"), "db.ts", "sql"),
    Run(("drizzle", "edge", "app"), "src/db/index.ts", "db"),
    Run(("nextjs", "edge", "app"), "lib/db.ts", "sql"),
    Run(("vercel", "edge", "app"), "lib/db.ts", "sql"),
    Run(("cloudflare", "edge", "app"), "src/index.ts", "fetch"),
]
WEB_SOCKET = [
    Run(("neon-serverless-ws", "serverless", "app"), "db.ts", "pool"),
    Run(("neon-serverless-ws", "server", "app"), "db.ts", "pool"),
    Run(("neon-serverless-ws", "edge", "app"), "src/index.ts", "fetch"),
    Run(("neon-serverless-ws", "server", "admin"), "script.ts", "script"),
    Run(("drizzle", "serverless", "app"), "src/db/index.ts", "db"),
    Run(("prisma", "serverless", "app"), "src/db.ts", "prisma"),
]


def way_of(run: Run, profile: Profile) -> Way:
    name, runtime, role = run.way
    return name, profile, runtime, role


def used(
    npm: Npm,
    folder: Path,
    run: Run,
    profile: Profile,
    port: int | None = None,
    *,
    reload: bool = False,
    **variables: str,
) -> Any:  # noqa: ANN401
    """What the probe answers about one module, whose environment is what its target says."""
    way = way_of(run, profile)
    output = made(way)
    env = {**environment(output, "" if port is None else f":{port}"), **variables}
    question: dict[str, Any] = {"file": f"generated/{'-'.join(way)}/{run.file}", "use": run.use, "reload": reload}
    question["url"] = next(iter(env.values()))
    if run.use == "handler":
        question["bundle"] = esbuild_options(output)
        env = {**variables, "DATABASE_URL_SECRET_ID": "neon/database-url"}
    conditions = "--conditions=react-server" if run.way[0] == "nextjs" else ""
    return npm.ask("generated", question, **env, NODE_OPTIONS=conditions)


def environment(output: Output, port: str) -> dict[str, str]:
    """The variables of an output, or those of the file that a Worker has in their place."""
    values = {variable.name: variable.value for variable in output.variables}
    for line in [file.text.splitlines()[-1] for file in output.files if file.path.startswith(".dev.vars")]:
        name, _, value = line.partition("=")
        values[name] = value.strip('"')
    return {n: v.replace("<password>", "pw").replace("/shop", f"{port}/shop") for n, v in values.items()}


def esbuild_options(output: Output) -> dict[str, Any]:
    """The options that the template of AWS's Serverless Application Model hands to esbuild."""
    template = yaml.safe_load(next(file.text for file in output.files if file.path == "template.yaml"))
    given = template["Resources"]["Function"]["Metadata"]["BuildProperties"]
    assert given.pop("EntryPoints") == ["src/handler.ts"]
    assert given.pop("OutExtension") == [".js=.mjs"]
    kind, _, text = given.pop("Banner")[0].partition("=")
    return {"format": given.pop("Format"), "target": given.pop("Target"), "banner": {kind: text}, **given}


def sent_by(npm: Npm, folder: Path, run: Run, profile: Profile, certificate: Certificate, **variables: str) -> Sent:
    def connect(port: int) -> None:
        raise AssertionError(used(npm, folder, run, profile, port, reload=False, **variables)["error"])

    return talk(connect, tls=certificate.context, ask=ASK_SASL)


def host(run: Run) -> str:
    return POOLED if run.way[2] == "app" else HOST


@pytest.mark.parametrize("run", [*PG, *POSTGRES_JS], ids=str)
def test_an_unverified_certificate_is_refused(npm: Npm, folder: Path, certificate: Certificate, run: Run) -> None:
    """In both profiles, which are one: these drivers check certificates at no cost."""
    if run.way[0] != "prisma":
        assert made(way_of(run, "strict")) == made(way_of(run, "baseline"))
    sent = sent_by(npm, folder, run, "strict", certificate)
    assert (sent.kinds, sent.sni) == (["SSLRequest"], host(run))
    assert "self-signed certificate" in sent.error


@pytest.fixture(scope="module")
def both(npm: Npm, certificate: Certificate) -> dict[str, Certificate]:
    """A certificate for the pooled host and one for the direct one."""
    made = npm.ask("certificate", {"host": POOLED})
    path = npm.folder / "pooled.pem"
    path.write_text(made["private"] + made["cert"])
    context = type(certificate.context)(certificate.context.protocol)
    context.load_cert_chain(path)
    return {POOLED: Certificate(path, context), HOST: certificate}


@pytest.mark.parametrize("run", [*PG, *POSTGRES_JS], ids=str)
def test_a_verified_one_gets_a_bound_password(npm: Npm, folder: Path, both: dict[str, Certificate], run: Run) -> None:
    """Channel binding where the driver has it; and nothing is sent as a setting that is none."""
    trusted = both[host(run)]
    sent = sent_by(npm, folder, run, "baseline", trusted, NODE_EXTRA_CA_CERTS=str(trusted.path))
    assert sent.kinds == ["SSLRequest", "TLS", "StartupMessage", "PasswordMessage"], sent.error
    assert sent.mechanism == ("SCRAM-SHA-256-PLUS" if run in PG else "SCRAM-SHA-256")
    assert set(sent.startup) <= {"user", "database", "client_encoding", "application_name"}


@pytest.mark.parametrize("run", HTTP, ids=str)
def test_http_goes_to_neon_over_tls(npm: Npm, folder: Path, run: Run) -> None:
    answer = used(npm, folder, run, "strict")
    assert answer["error"] is None
    [request] = answer["sent"]
    assert request["to"] == f"https://api.{HOST.partition('.')[2]}/sql"
    assert request["string"].startswith(f"postgresql://app_user:pw@{POOLED}/shop")


@pytest.mark.parametrize("run", WEB_SOCKET, ids=str)
def test_web_sockets_go_to_neon_over_tls(npm: Npm, folder: Path, run: Run) -> None:
    answer = used(npm, folder, run, "strict")
    assert "far enough" in answer["error"]
    assert {sent["to"] for sent in answer["sent"]} == {f"wss://{host(run)}/v2"}
    assert answer["waited"] == (1 if run.use == "fetch" else 0), "the pool of a request ends with it"


@pytest.mark.parametrize("run", [run for run in [*PG, *WEB_SOCKET] if run.use in ("pool", "db")], ids=str)
def test_pools_are_as_planned(npm: Npm, folder: Path, run: Run) -> None:
    name, runtime, role = run.way
    pool = generate.plan_of(
        load(name), SOURCE, Wish(runtime=runtime, role=role, compute=Compute(0.25, 2), workers=4)
    ).pool
    answer = used(npm, folder, run, "baseline", port=1)
    options = answer["options"]
    assert options["max"] == pool.size
    assert options["idleTimeoutMillis"] == 1000 * (pool.idle if runtime == "server" else 10)
    assert options["connectionTimeoutMillis"] == 1000 * pool.connect_timeout
    assert answer["listens"] == 1, "an error of an idle connection does not end the process"


@pytest.mark.parametrize(
    "run",
    [run for run in [*PG, *POSTGRES_JS, *HTTP, *WEB_SOCKET] if run.use not in ("handler", "fetch")],
    ids=str,
)
def test_an_unset_variable_is_named(npm: Npm, folder: Path, run: Run) -> None:
    """Before anything is sent: the drivers would try localhost."""
    answer = used(npm, folder, run, "baseline", DATABASE_URL="", DATABASE_URL_UNPOOLED="")
    variable = "DATABASE_URL" if run.way[2] == "app" else "DATABASE_URL_UNPOOLED"
    assert (answer["error"], answer["sent"]) == (f"{variable} is not set", [])


def test_an_empty_secret_is_refused(npm: Npm, folder: Path) -> None:
    [run] = [run for run in PG if run.use == "handler"]
    assert used(npm, folder, run, "baseline", DATABASE_URL="")["error"] == "the secret holds no text"


@pytest.mark.parametrize(
    "run", [run for run in [*PG, *WEB_SOCKET] if run.way[0] in ("nextjs", "prisma", "vercel")], ids=str
)
def test_a_reload_opens_no_second_pool(npm: Npm, folder: Path, run: Run) -> None:
    """Where the framework reloads modules; a module without the guard shows that this can fail."""
    assert used(npm, folder, run, "baseline", port=1, reload=True)["kept"] == (run.way[0] != "vercel")


def test_hyperdrive_is_reached_in_the_clear(npm: Npm, folder: Path) -> None:
    """Inside Cloudflare there is no TLS; the connection ends with the request."""
    file = "generated/cloudflare-hyperdrive-strict-edge-app/src/index.ts"
    answers = []

    def connect(port: int) -> None:
        url = f"postgresql://app_user:pw@127.0.0.1:{port}/shop?sslmode=disable"
        answers.append(npm.ask("generated", {"file": file, "use": "fetch", "url": url}))
        raise AssertionError(answers[0]["error"])

    sent = talk(connect, tls=b"N")
    assert sent.kinds == ["StartupMessage", "PasswordMessage"]
    assert "refused" in sent.error


@pytest.mark.parametrize("profile", PROFILES)
def test_drizzle_kit_verifies_and_goes_past_the_pooler(
    npm: Npm, tmp_path: Path, certificate: Certificate, profile: Profile
) -> None:
    place = laid_out(tmp_path, ("drizzle", profile, "server", "migrate"))
    (place / "node_modules").symlink_to(npm.folder / "node_modules")
    shutil.copy(npm.folder / "home.mjs", place)
    journal = place / "drizzle/meta/_journal.json"
    journal.parent.mkdir(parents=True)
    journal.write_text('{"version": "7", "dialect": "postgresql", "entries": []}')
    [variable] = made(("drizzle", profile, "server", "migrate")).variables

    def connect(port: int) -> None:
        url = variable.value.replace("<password>", "pw").replace("/shop", f":{port}/shop")
        words = ["node", "--import=./home.mjs", "node_modules/drizzle-kit/bin.cjs", "migrate"]
        ran(words, place, DATABASE_URL_UNPOOLED=url)

    sent = talk(connect, tls=certificate.context)
    assert (sent.kinds, sent.sni) == (["SSLRequest"], HOST), sent.error
