"""Projects with several defects at once: connection strings put together from parts that are right or wrong, in files of
every kind, with neighbours that no repair may touch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from hypothesis import strategies as st

ID = "ep-cool-rain-a1b2c3d4"
HOSTS = [
    f"{ID}.us-east-2.aws.neon.tech",
    f"{ID}-pooler.us-east-2.aws.neon.tech",
    f"{ID}-pooler.eastus2.azure.neon.tech",
    f"{ID}.c-2.us-east-1.aws.neon.tech",
    f"{ID}.us-east-2-pooler.aws.neon.tech",
    f"{ID}.us-east-2.aws-pooler.neon.tech",
    f"{ID}-pooler-pooler.us-east-2.aws.neon.tech",
    "ep-cool-pooler-rain-a1b2c3d4.us-east-2.aws.neon.tech",
    f"{ID}.us-east-2.aws.neon.com",
    f"{ID}.aws.neon.tech",
]
SCHEMES = [
    "postgresql",
    "postgres",
    "postgresql+psycopg",
    "postgresql+psycopg2",
    "postgresql+asyncpg",
    "postgresql+pg8000",
]
USERS = ["app", "neondb_owner", "ap%40p", "us@er"]
PASSWORDS = ["pw", "", "npg_Zk3vT8qLw2Rn", "p@ss/word1x", "a%b#c?dEf9", "<password>", f"endpoint={ID};npgX9fk2LmQ"]
PORTS = ["", ":5432", ":6432", ":6543", ":5433"]
DATABASES = ["/neondb", "/db", "/", ""]
PARAMS = [
    *(
        f"sslmode={mode}"
        for mode in ("require", "prefer", "allow", "disable", "verify-ca", "verify-full", "no-verify", "requir")
    ),
    *(f"channel_binding={word}" for word in ("require", "prefer", "disable")),
    *(
        "sslrootcert=system",
        "sslrootcert=./missing.pem",
        "sslnegotiation=direct",
        "sslsni=0",
        "ssl=true",
        "ssl=require",
    ),
    *("connect_timeout=3", "connect_timeout=20", "application_name=x", "pgbouncer=true", "schema=public"),
    *(f"options=endpoint%3D{ID}", f"options=project%3D{ID}", "options=endpoint%3Dep-other-river-12345678"),
    *("options=-c%20search_path%3Dapp", "replication=database", "statement_timeout=5000"),
]
NAMES = [
    "DATABASE_URL",
    "DATABASE_URL_UNPOOLED",
    "DIRECT_URL",
    "POSTGRES_PRISMA_URL",
    "DB_URL",
    "DATABASE_URL_POOLED",
    "MIGRATION_DATABASE_URL",
]
READERS = [
    "import os\nimport psycopg2\nconn = psycopg2.connect(os.environ['NAME'])\n",
    "import os\nimport psycopg\nconn = psycopg.connect(os.environ['NAME'], connect_timeout=5)\n",
    "import os\nimport asyncpg\n\n\nasync def main():\n    return await asyncpg.connect(os.environ['NAME'])\n",
    "import os\nfrom sqlalchemy import create_engine\n\nengine = create_engine(os.environ['NAME'])\n",
    "import os\nfrom sqlalchemy.ext.asyncio import create_async_engine\n\nengine = create_async_engine(os.environ['NAME'])\n",
    "import dj_database_url\n\nDATABASES = {'default': dj_database_url.config(env='NAME', conn_max_age=600)}\n",
    "import os\nfrom databases import Database\n\ndb = Database(os.environ['NAME'])\n",
    "import os\nfrom sqlalchemy import create_engine\n\n\ndef lambda_handler(event, context):\n    return create_engine(os.environ['NAME'], pool_size=20)\n",
    "import os\nfrom alembic import context\n\ncontext.config.set_main_option('sqlalchemy.url', os.environ['NAME'])\n",
]

Files = Mapping[str, str]


def pick(*choices: str) -> st.SearchStrategy[str]:
    return st.sampled_from(choices)


@st.composite
def urls(draw: st.DrawFn) -> str:
    params = draw(st.lists(st.sampled_from(PARAMS), max_size=4))
    words = [draw(st.sampled_from(part)) for part in (SCHEMES, USERS, PASSWORDS, HOSTS, PORTS, DATABASES)]
    url = "{}://{}:{}@{}{}{}".format(*words) + (draw(pick("?", "?", "?", "&")) + "&".join(params) if params else "")
    return draw(pick("{}", "{}", "{}", "{}", "psql '{}'", "'{}'", "psql {}")).format(url)


@st.composite
def keyword_strings(draw: st.DrawFn) -> str:
    params = [param for param in draw(st.lists(st.sampled_from(PARAMS), max_size=3)) if "%" not in param]
    port = draw(pick("", "port=5432 ", "port=6543 "))
    separator = draw(pick(" ", " ", "&"))
    return f"host={draw(st.sampled_from(HOSTS))} {port}dbname=neondb user=app password=pw9 {separator.join(params)}".rstrip()


TEXTS = st.one_of(urls(), urls(), urls(), keyword_strings())
Frame = Callable[[st.DrawFn], Files]


def _dotenv(draw: st.DrawFn, name: str) -> str:
    text = draw(TEXTS)
    quote = draw(pick('"', "'", "")) if not set(" #'\"") & set(text) else '"'
    return f"{name}={quote}{text}{quote}\n"


def dotenv(draw: st.DrawFn) -> Files:
    """One variable, or several of one another's kin, and what reads some of them."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    lines = "".join(_dotenv(draw, name) for name in names)
    files = {".env": f"# a comment\nOTHER='x y'\n{lines}# behind\nLAST=1\n"}
    for path in draw(st.lists(pick("app.py", "b.py", "alembic/env.py"), max_size=2, unique=True)):
        files[path] = draw(st.sampled_from(READERS)).replace("NAME", draw(st.sampled_from(names)))
    return files


def fields(draw: st.DrawFn) -> Files:
    more = draw(st.lists(pick("PGPORT=6543", "PGSSLMODE=prefer", "PGCHANNELBINDING=prefer", f"PGOPTIONS=endpoint={ID}", "PGSSLSNI=0"), max_size=3, unique=True))  # fmt: skip
    host = draw(st.sampled_from(HOSTS))
    lines = "".join(f"{line}\n" for line in more)
    return {".env": f"# a comment\nPGHOST={host}\nPGUSER=app\nPGPASSWORD=pw\nPGDATABASE=neondb\n{lines}LAST=1\n"}


def calls(draw: st.DrawFn) -> Files:
    text = json.dumps(draw(TEXTS))
    code = draw(
        pick(
            "from sqlalchemy import create_engine\n\nOTHER = 'x'\nengine = create_engine(TEXT, pool_recycle=3600)  # behind\n",
            "import psycopg2\n\nOTHER = 'x'\nconn = psycopg2.connect(  # here\n    TEXT,\n    connect_timeout=3,\n)\n",
            "import psycopg\n\nOTHER = 'x'\nconn = psycopg.connect(TEXT, connect_timeout=3)  # behind\n",
            "import asyncpg\n\n\nasync def main():\n    # here\n    return await asyncpg.connect(TEXT)\n",
            "import asyncpg\n\n\nasync def main():\n    # here\n    return await asyncpg.create_pool(TEXT, max_inactive_connection_lifetime=900)\n",
        )
    )
    return {"app.py": "# a comment\n" + code.replace("TEXT", text) + "LAST = 1\n"}


def keywords(draw: st.DrawFn) -> Files:
    library = draw(pick("psycopg", "psycopg2", "asyncpg", "pg8000"))
    more = draw(pick("", ", sslmode='prefer'", ", sslmode='require', channel_binding='prefer'", ", connect_timeout=3"))
    database = "database" if library in ("asyncpg", "pg8000") else "dbname"
    given = f"host={draw(st.sampled_from(HOSTS))!r}, user='app', password={draw(st.sampled_from(PASSWORDS))!r}, port={draw(pick('5432', '6543'))}"
    return {
        "app.py": f"# a comment\nimport {library}\n\nconn = {library}.connect({given}, {database}='neondb'{more})\nLAST = 1\n"
    }


def django(draw: st.DrawFn) -> Files:
    options = draw(pick("", "'OPTIONS': {'sslmode': 'prefer'},", "'OPTIONS': {'sslmode': 'require', 'pool': True},", "'OPTIONS': {'CONN_MAX_AGE': 600, 'sslmode': 'allow'},", "'sslmode': 'require',"))  # fmt: skip
    age = draw(pick("", "'CONN_MAX_AGE': 600,", "'CONN_MAX_AGE': None,"))
    entry = f"""        'NAME': 'neondb',  # name
        'USER': 'app',
        'PASSWORD': {draw(st.sampled_from(PASSWORDS))!r},
        'HOST': {draw(st.sampled_from(HOSTS))!r},
        'PORT': {draw(pick("5432", "6543", "'6432'"))},
        {options}
        {age}
"""
    head = "# a comment\nOTHER = 'x'\nDATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.postgresql',\n"
    return {"settings.py": f"{head}{entry}    }}\n}}\nLAST = 1\n"}


def compose(draw: st.DrawFn) -> Files:
    name, text = draw(st.sampled_from(NAMES)), json.dumps(draw(TEXTS))
    service, command = draw(pick("web", "migrate")), draw(pick("gunicorn app:app", "alembic upgrade head"))
    head = f"# a comment\nservices:\n  {service}:\n    image: x  # image\n    command: {command}\n    environment:\n"
    files = {"compose.yaml": f"{head}      {name}: {text}  # behind\n      OTHER: 1\n"}
    if draw(st.booleans()):
        files["app.py"] = draw(st.sampled_from(READERS)).replace("NAME", name)
    return files


def data(draw: st.DrawFn) -> Files:
    text = draw(TEXTS)
    quoted = json.dumps(text)
    path, frame = draw(
        st.sampled_from(
            [
                ("config.toml", f"# a comment\n[db]\nurl = {quoted} # behind\nother = 1\n"),
                ("config.json", f'{{\n  "db": {{"url": {quoted}, "other": [1, 2]}},\n  "last": true\n}}\n'),
                ("alembic.ini", f"; a comment\n[alembic]\nsqlalchemy.url = {text.replace('%', '%%')}\nother = 1\n"),
                ("alembic.ini", f"; a comment\n[alembic]\nsqlalchemy.url = {text}\nother = 1\n"),
                ("NOTES.md", f"# A title\n\nUse `{text}` here.\n\nThe end.\n"),
                (
                    "pg_service.conf",
                    f"# a comment\n[neon]\nhost={draw(st.sampled_from(HOSTS))}\nport=6543\nuser=app\ndbname=neondb\n[other]\nhost=localhost\n",
                ),
                (".pgpass", f"# a comment\n{draw(st.sampled_from(HOSTS))}:6543:neondb:app:pw9\nlocalhost:5432:*:*:x\n"),
            ]
        )
    )
    return {path: frame}


@st.composite
def projects(draw: st.DrawFn) -> Files:
    frame: Frame = draw(st.sampled_from([dotenv, dotenv, fields, calls, keywords, django, compose, data]))
    return frame(draw)
