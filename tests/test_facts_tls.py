"""Facts about TLS and drivers where the rules' examples do not show them: what is known, and what must stay unknown."""

from __future__ import annotations

import pytest

from neonlint import formats, manifests
from neonlint.extract import extract
from neonlint.facts import driver_wheels, drivers, tls, tls_client, tls_roots, tls_words
from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.formats import claims
from neonlint.formats.claims import format_of
from neonlint.ir.model import Client, Connection
from neonlint.link import Project
from neonlint.repair_connection import connection_ops

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/neondb"
CONNECT = 'import os\nimport {0}\nx = {0}.connect(os.environ["DATABASE_URL"]{1})\n'


def project(**files: str) -> Project:
    """A project of files; `__` in a name stands for a dot, so that names can be keywords."""
    texts = {name.replace("__", "."): text for name, text in files.items()}
    read = {path: manifests.read(path, text.encode()) for path, text in texts.items() if claims.is_manifest(path)}
    found = [extract(formats.load(format_of(path)).read(path, text.encode())) for path, text in texts.items()]
    return Project(found, paths=frozenset(texts), manifests=read)


def connection(of: Project) -> Connection:
    return next(c for e in of.extracts for c in e.connections if c.family != "secret")


def client(of: Project) -> Client:
    return of.clients[0]


def mode(of: Project) -> object:
    return _value(tls.mode(connection(of), of))


def _value(answer: Answer) -> object:
    return answer.value if isinstance(answer, Known) else "unseen"


# --- the mode ---


@pytest.mark.parametrize(
    ("driver", "query", "extra", "expected"),
    [
        ("psycopg", "", "", None),
        ("psycopg", "?ssl=true", "", "require"),
        ("psycopg", "?sslmode=require", ', sslmode="verify-full"', "verify-full"),
        ("psycopg", "?sslmode=require", ", **more", "unseen"),
        ("psycopg", "?sslrootcert=system", "", "verify-full"),
        ("asyncpg", "?ssl=require", "", None),
        ("asyncpg", "?sslmode=require", ", ssl=None", "require"),
        ("asyncpg", "?sslmode=require", ", ssl=False", "disable"),
        ("asyncpg", "?sslmode=require", ', ssl="verify-full"', "verify-full"),
        ("asyncpg", "?sslmode=require", ", ssl=True", "unseen"),
        ("asyncpg", "?sslmode=require", ", ssl=context", "unseen"),
    ],
)
def test_arguments_win_over_the_url(driver: str, query: str, extra: str, expected: object) -> None:
    assert mode(project(__env=f"DATABASE_URL={URL}{query}\n", app__py=CONNECT.format(driver, extra))) == expected


ENGINE = 'import os\nfrom sqlalchemy import create_engine\nx = create_engine(os.environ["DATABASE_URL"]{})\n'
DATABASES = 'import os\nimport databases\nx = databases.Database(os.environ["DATABASE_URL"])\n'
IN_CODE = ', sslmode="require"'
PLAIN = CONNECT.format("psycopg", "")
FULL = CONNECT.format("psycopg", ', sslmode="verify-full"')


@pytest.mark.parametrize(
    ("query", "one", "other", "expected"),
    [
        ("?sslmode=require", PLAIN, CONNECT.format("psycopg2", IN_CODE), "require"),
        ("?sslmode=require", PLAIN, CONNECT.format("asyncpg", ', ssl="require"'), "require"),
        ("?sslmode=require", ENGINE.format(', connect_args={"sslmode": "require"}'), PLAIN, "require"),
        ("?sslmode=require", CONNECT.format("asyncpg", ""), CONNECT.format("psycopg2", IN_CODE), "require"),
        ("?sslrootcert=system", FULL, PLAIN, "verify-full"),
        ("?ssl=true", FULL, DATABASES, "verify-full"),  # which verifies with it
        ("?sslmode=require", FULL, PLAIN, "unseen"),
        ("", CONNECT.format("psycopg2", IN_CODE), PLAIN, "unseen"),
        ("?sslmode=require", CONNECT.format("psycopg2", IN_CODE), DATABASES, "unseen"),  # which does not read it
        ("", PLAIN, ENGINE.format(""), None),
    ],
)
def test_two_drivers_may_come_to_the_same_mode(query: str, one: str, other: str, expected: object) -> None:
    assert mode(project(__env=f"DATABASE_URL={URL}{query}\n", a__py=one, b__py=other)) == expected


@pytest.mark.parametrize(
    ("other", "libpq", "prefers"),
    [
        (ENGINE.format(""), True, True),
        (CONNECT.format("psycopg2", ""), True, True),
        (CONNECT.format("asyncpg", ""), "unseen", True),
        (DATABASES, "unseen", True),
        (CONNECT.format("somebody", ""), True, True),  # no client that is known
    ],
)
def test_what_is_so_of_all_drivers_together(other: str, libpq: object, prefers: object) -> None:
    of = project(__env=f"DATABASE_URL={URL}\n", a__py=PLAIN, b__py=other)
    assert _value(drivers.libpq(connection(of), of)) == libpq
    assert _value(drivers.prefers(connection(of), of)) == prefers


@pytest.mark.parametrize(
    ("scheme", "query", "expected"),
    [
        ("postgresql+asyncpg", "?ssl=require", "require"),
        ("postgresql+asyncpg", "", None),
        ("postgresql+asyncpg", "?sslmode=require", "unseen"),
        ("postgresql+pg8000", "", "unseen"),
        ("postgresql+psycopg2", "?sslmode=prefer", "prefer"),
    ],
)
def test_the_scheme_tells_which_parameter_is_read(scheme: str, query: str, expected: object) -> None:
    assert mode(project(__env=f"DATABASE_URL={scheme}{URL[10:]}{query}\n")) == expected


def test_clients_that_differ_make_the_mode_unseen() -> None:
    one = CONNECT.format("psycopg", ', sslmode="require"')
    two = CONNECT.format("psycopg", "")
    assert mode(project(__env=f"DATABASE_URL={URL}\n", one__py=one, two__py=two)) == "unseen"


def test_a_rewritten_url_is_unseen() -> None:
    code = 'import os\nimport psycopg\nx = psycopg.connect(os.environ["DATABASE_URL"].replace("a", "b"))\n'
    assert mode(project(__env=f"DATABASE_URL={URL}?sslmode=require\n", app__py=code)) == "unseen"


def test_the_environment_counts_in_the_same_file_only() -> None:
    assert mode(project(__env=f"DATABASE_URL={URL}\nPGSSLMODE=require\n")) == "require"
    elsewhere = "services:\n  web:\n    environment:\n      PGSSLMODE: disable\n      PGHOST: db\n"
    assert mode(project(__env=f"DATABASE_URL={URL}\n", compose__yaml=elsewhere)) == "unseen"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("requre", "require"),
        ("Require", "require"),
        ("verify_full", "verify-full"),
        ("full", "verify-full"),
        ("zzz", None),
    ],
)
def test_misspelt_modes(word: str, meant: str | None) -> None:
    of = project(__env=f"DATABASE_URL={URL}?sslmode={word}\n")
    assert _value(tls_words.misspelt(connection(of), of)) == word
    assert _value(tls_words.nearest(connection(of), of)) == meant


# --- drivers ---


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (CONNECT.format("psycopg2", ""), "honoured"),
        (CONNECT.format("asyncpg", ""), "ignored"),
        (CONNECT.format("asyncpg", "") + CONNECT.format("psycopg", ""), "mixed"),
        ('import os\nfrom databases import Database\nx = Database(os.environ["DATABASE_URL"])\n', "ignored"),
        ('import os\nfrom tortoise import Tortoise\nTortoise.init(db_url=os.environ["DATABASE_URL"])\n', "rejected"),
        ("", "unseen"),
    ],
)
def test_what_becomes_of_channel_binding(code: str, expected: str) -> None:
    of = project(__env=f"DATABASE_URL={URL}\n", app__py=code)
    assert _value(drivers.channel_binding(connection(of), of)) == expected


@pytest.mark.parametrize(
    ("pin", "call", "expected"),
    [
        ("sqlalchemy==2.0.40", "create_engine", "psycopg2"),
        ("sqlalchemy>=2.1", "create_engine", "psycopg"),
        ("sqlalchemy>=1.4", "create_engine", "libpq"),
        ("sqlalchemy==2.1.9", "create_async_engine", "psycopg"),
        ("sqlalchemy==2.0.40", "create_async_engine", "unseen"),
    ],
)
def test_the_version_of_sqlalchemy_tells_the_driver_of_a_plain_url(pin: str, call: str, expected: str) -> None:
    module = "sqlalchemy.ext.asyncio" if "async" in call else "sqlalchemy"
    of = project(requirements__txt=f"{pin}\n", db__py=f'from {module} import {call}\nengine = {call}("{URL}")\n')
    assert _value(drivers.driver(connection(of), of)) == expected


def test_a_shared_variable_is_known_to_have_another_driver() -> None:
    of = project(__env=f"DATABASE_URL={URL}\n", app__py=CONNECT.format("asyncpg", "") + CONNECT.format("psycopg", ""))
    assert _value(drivers.other(connection(of), of)) is True
    assert _value(drivers.driver(connection(of), of)) == "unseen"


def test_psycopg_without_a_host_reads_the_environment_of_its_package() -> None:
    files = {"__env": f"PGHOST={HOST}\nPGUSER=app\n", "app__py": "import psycopg\nx = psycopg.connect()\n"}
    of = project(**files)
    assert _value(drivers.libpq(connection(of), of)) is True
    assert _value(tls.host_read_in_code(connection(of), of)) is False


@pytest.mark.parametrize(("driver", "expected"), [("psycopg2", "psycopg2-binary"), ("psycopg", None)])
def test_the_wheel_is_that_of_the_driver(driver: str, expected: str | None) -> None:
    code = CONNECT.format(driver, "")
    of = project(__env=f"DATABASE_URL={URL}\n", app__py=code, requirements__txt="psycopg2-binary==2.9.9\npsycopg\n")
    assert _value(driver_wheels.wheel(connection(of), of)) == expected
    old = driver_wheels.old_for_direct_tls(connection(of), of)
    assert _value(old) == (True if expected else "unseen")


# --- roots ---


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/path/to/root.crt", "placeholder"),
        ("/your/cert.pem", "placeholder"),
        ("your-cert/ca.pem", "placeholder"),
        ("certs/missing.pem", "missing"),
        ("/etc/ssl/certs/ca-certificates.crt", None),
        ("~/.postgresql/root.crt", None),
        ("isrg.pem", None),
        ("system", None),
    ],
)
def test_root_paths(path: str, expected: str | None) -> None:
    of = project(__env=f"DATABASE_URL={URL}?sslmode=verify-full&sslrootcert={path}\n")
    assert _value(tls_roots.root_path_defect(connection(of), of)) == expected


def test_a_django_engine_is_no_root_certificate() -> None:
    of = project(__env=f"DATABASE_URL={URL}\n", settings__py='ENGINE = "django.db.backends.postgresql"\n')
    assert _value(tls_roots.root_provided(connection(of), of)) is False


# --- contexts ---

CONTEXT = "import ssl\nimport asyncpg\n{}\nx = asyncpg.connect(url, ssl={})\n"


@pytest.mark.parametrize(
    ("made", "given", "expected"),
    [
        ("", "ssl.create_default_context()", "verified"),
        ("", "ssl._create_unverified_context()", "unverified"),
        ("", "ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)", "unseen"),
        ("", "ssl.SSLContext(ssl.PROTOCOL_TLS)", "unverified"),
        ("", "make_context()", "unseen"),
        ("c = ssl.create_default_context()\nc.check_hostname = False", "c", "unverified"),
        ("c = ssl.create_default_context()\nc.verify_mode = ssl.CERT_NONE", "c", "unverified"),
        ("c = ssl.create_default_context()\n# c.verify_mode = ssl.CERT_NONE", "c", "verified"),
        ("c = ssl.create_default_context()\nif DEBUG:\n    c.check_hostname = False", "c", "unseen"),
        ("c = ssl.SSLContext()\nc.verify_mode = ssl.CERT_REQUIRED", "c", "unseen"),
        (
            "c = ssl.create_default_context()\nd = ssl.create_default_context()\nd.check_hostname = False",
            "c",
            "verified",
        ),
        ("", "True", "true"),
        ("", "None", "nothing"),
        ("", '"require"', "mode"),
    ],
)
def test_what_a_context_verifies(made: str, given: str, expected: str) -> None:
    of = project(app__py=CONTEXT.format(made, given))
    assert _value(tls_client.given(client(of), of)) == expected


def test_a_context_of_another_function_is_another_context() -> None:
    code = """
import ssl
import asyncpg


def mail():
    context = ssl.create_default_context()
    context.check_hostname = False


async def connect(url):
    context = ssl.create_default_context()
    return await asyncpg.connect(url, ssl=context)
"""
    of = project(app__py=code)
    assert _value(tls_client.given(client(of), of)) == "verified"


def test_an_unknown_host_is_neons_only_where_the_project_names_one() -> None:
    code = CONNECT.format("asyncpg", "")
    alone, beside = project(app__py=code), project(app__py=code, other__env=f"OTHER={URL}\n")
    assert isinstance(tls_client.reaches_neon(client(alone), alone), Unseen)
    answer = tls_client.reaches_neon(client(beside), beside)
    assert isinstance(answer, Known)
    assert answer.value
    assert answer.because[0].inferred


# --- repairs ---


def test_asyncpg_reads_sslmode_from_its_own_dsn() -> None:
    """The safe fix of `sslmode-missing`; its example cannot show it, because another rule speaks next."""
    of = project(__env=f"DATABASE_URL={URL}\n", app__py=CONNECT.format("asyncpg", ""))
    ops = connection_ops(connection(of), {"params.sslmode": "require"})
    assert [getattr(op, "new", None) for op in ops] == ["?sslmode=require"]
