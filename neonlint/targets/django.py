"""Django: `DATABASES`, spelt out or through dj-database-url."""

from __future__ import annotations

from neonlint.targets.model import File, Output, Plan, Target, Variable
from neonlint.targets.python_text import (
    Entry,
    certifi,
    imports,
    items,
    libpq_entries,
    libpq_notes,
    mapping,
    string,
)
from neonlint.targets.text import comment, url_variable, without

_GUIDE = "https://neon.com/docs/guides/django"
_ENDED = "a suspended compute ends connections; each is tested first"
_CURSORS = "they would outlive their transaction on the pooler"
_MIGRATE = 'DATABASE_URL="${DATABASE_URL_UNPOOLED:?}" python manage.py migrate'
_EDGE = {"edge": "Django runs on no edge runtime; take `--runtime serverless`"}


def _settings(plan: Plan) -> Output:
    text = f'''\
{imports(["import os", "from urllib.parse import unquote, urlsplit"], [certifi(plan)])}
{_migrations(plan)}\
_url = urlsplit(os.environ["{plan.variable}"])

DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(_url.path[1:]),
        "USER": unquote(_url.username or ""),
        "PASSWORD": unquote(_url.password or ""),
        "HOST": _url.hostname,
        "PORT": _url.port or 5432,
{items(_alias_entries(plan), 8)}\
        "OPTIONS": {{
{items([*_tls_entries(plan), *libpq_entries(plan), *_pool_entries(plan)], 12)}\
        }},
    }},
}}
'''
    return Output((File("settings.py", text),), _variables(plan), libpq_notes(plan))


def _variables(plan: Plan) -> tuple[Variable, ...]:
    """The application's migrations need the direct URL beside its own; the roots are named in code."""
    bare = without(plan, "sslrootcert")
    return tuple(url_variable(bare, pooled) for pooled in ((True, False) if plan.app else (False,)))


def _migrations(plan: Plan) -> str:
    return comment([f"Migrations go past the pooler: {_MIGRATE}"]) if plan.app else ""


def _alias_entries(plan: Plan) -> list[Entry]:
    """A server has a pool; a function keeps the connection of the one request that it serves at a time."""
    if not plan.app:
        return []
    age = [] if plan.runtime == "server" else [Entry("CONN_MAX_AGE", str(plan.pool.recycle))]
    return [
        *age,
        Entry("CONN_HEALTH_CHECKS", "True", _ENDED),
        Entry("DISABLE_SERVER_SIDE_CURSORS", "True", _CURSORS),
    ]


def _tls_entries(plan: Plan) -> list[Entry]:
    """Those of the URL, which is taken apart; the mode of full verification is `libpq_entries`'."""
    names = (
        ("channel_binding", "application_name") if plan.strict else ("sslmode", "channel_binding", "application_name")
    )
    return [Entry(name, string(plan.link.params[name])) for name in names if name in plan.link.params]


def _pool_entries(plan: Plan) -> list[Entry]:
    if not plan.app or plan.runtime != "server":
        return []
    pool = [
        Entry("min_size", "0", "an idle process holds no connection"),
        Entry("max_size", str(plan.pool.size), above=plan.pool.why),
        Entry("max_idle", str(plan.pool.idle)),
    ]
    return [Entry("pool", mapping(pool), above=("One pool for each process.",))]


def _dj_database_url(plan: Plan) -> Output:
    parsed = f'dj_database_url.parse(os.environ["{plan.variable}"])'
    if plan.app:
        parsed = f"""\
dj_database_url.parse(
        os.environ["{plan.variable}"],
        conn_max_age={plan.pool.recycle},
        conn_health_checks=True,  # {_ENDED}
        disable_server_side_cursors=True,  # {_CURSORS}
    )"""
    text = f"""\
{imports(["import os"], [certifi(plan), "import dj_database_url"])}
{_migrations(plan)}\
DATABASES = {{
    "default": {parsed},
}}
_options = DATABASES["default"].setdefault("OPTIONS", {{}})
{_assignments(plan)}\
"""
    return Output((File("settings.py", text),), _variables(plan), libpq_notes(plan))


def _assignments(plan: Plan) -> str:
    return "".join(f"{comment(e.above)}_options[{string(e.name)}] = {e.value}\n" for e in libpq_entries(plan))


TARGETS = {
    target.name: target
    for target in (
        Target(
            "django",
            "Django",
            "`DATABASES` in `settings.py`, from the parts of the connection string.",
            _settings,
            (_GUIDE, "https://docs.djangoproject.com/en/stable/ref/databases/#postgresql-notes"),
            runtimes=("server", "serverless"),
            refusals=_EDGE,
            needs=("django>=5.1", "psycopg[binary,pool]>=3.2.10"),
        ),
        Target(
            "dj-database-url",
            "Django with dj-database-url",
            "`DATABASES` in `settings.py`, from the connection string as a whole.",
            _dj_database_url,
            (_GUIDE, "https://github.com/jazzband/dj-database-url#readme"),
            runtimes=("server", "serverless"),
            refusals=_EDGE,
            needs=("django>=5.1", "dj-database-url>=3.0", "psycopg[binary]>=3.2.10"),
        ),
    )
}
