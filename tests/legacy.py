"""A repository as it is before anybody has heard of neonlint: Django, a web application with Prisma, containers, a
deployment, some hundred files of ordinary code, and forty findings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PASSWORD = "CanaryOld7Zq"
#: What every password is after a rotation: of another length and with characters that a URL escapes.
ROTATED = "Canary%2FNew%40longer8"

_HOST = "ep-lone-reef-a4b8c2d6.us-east-2.aws.neon.tech"
_POOLER = "ep-lone-reef-a4b8c2d6-pooler.us-east-2.aws.neon.tech"


def _url(host: str = _POOLER, user: str = "shop_app", more: str = "", password: str = PASSWORD) -> str:
    return f"postgresql://{user}:{password}@{host}/shop{more}"


_SETTINGS = """\
import os

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "apps.orders"]

DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "shop_app",
        "PASSWORD": "{password}",
        "HOST": "{pooler}",
        "PORT": "5432",
        "CONN_MAX_AGE": 600,
        "OPTIONS": {{"sslmode": "prefer"}},
    }},
    "reports": {{
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "reports",
        "PASSWORD": os.environ["REPORTS_PASSWORD"],
        "HOST": "{host}",
        "CONN_MAX_AGE": None,
        "OPTIONS": {{}},
    }},
}}
"""
_REPORT = """\
import os

import psycopg2

URL = os.environ["DATABASE_URL"]


def nightly():
    connection = psycopg2.connect(URL)
    connection.cursor().execute("LISTEN orders")
    print("connected with", URL)
    return psycopg2.connect("{url}")
"""
_ENGINE = """\
from sqlalchemy import create_engine

engine = create_engine("{url}", pool_size=50, max_overflow=100)
"""
_ENV = """\
DEBUG=1
DATABASE_URL={url}
DATABASE_URL_UNPOOLED={url}
REDIS_URL=redis://localhost:6379/0
"""
_EXAMPLE = """\
DEBUG=1
DATABASE_URL={url}
PGHOST={host}
PGPASSWORD={password}
PGSSLMODE=prefer
"""
_PRODUCTION = """\
DATABASE_URL={url}&channel_binding=disable
DIRECT_URL={url}
"""
_COMPOSE = """\
services:
  web:
    build: .
    ports: ["8000:8000"]
    environment:
      DATABASE_URL: {url}
      PGPASSWORD: {password}
  worker:
    build: .
    environment:
      - DATABASE_URL={direct}
  cache:
    image: redis:7
"""
_DEPLOY = """\
name: deploy
on:
  push:
    branches: [main]
jobs:
  deploy:
    runs-on: ubuntu-latest
    env:
      DATABASE_URL: {url}
    steps:
      - uses: actions/checkout@v4
      - run: psql '{url}' -c 'select 1'
      - run: python manage.py migrate
"""
_SCHEMA = """\
generator client {{
  provider = "prisma-client-js"
}}

datasource db {{
  provider = "postgresql"
  url      = "{url}"
}}

model Order {{
  id    Int    @id @default(autoincrement())
  total Int
}}
"""
_DB_TS = """\
import {{ Pool }} from 'pg'

export const pool = new Pool({{
  connectionString: '{url}',
  max: 200,
  ssl: {{ rejectUnauthorized: false }},
}})

export async function stock(id: number) {{
  const client = await pool.connect()
  await client.query('LISTEN stock')
  return client.query('select * from stock where id = $1', [id])
}}
"""
_SEARCH_TS = """\
import postgres from 'postgres'

const sql = postgres(process.env.DATABASE_URL ?? '{url}', {{ prepare: true }})
console.log('searching in', process.env.DATABASE_URL)

export const search = (words: string) => sql`select * from products where name ilike ${{words}}`
"""
_DUMP = """\
#!/bin/sh
set -eu
export PGPASSWORD='{password}'
pg_dump -h {pooler} -U shop_app shop > dump.sql
psql "{url}" -c 'vacuum'
"""
_MODULE = """\
from dataclasses import dataclass


@dataclass
class Item{number}:
    name: str
    price: int

    def total(self, pieces: int) -> int:
        \"\"\"What so many of it cost, in cents.\"\"\"
        return self.price * pieces
"""
_COMPONENT = """\
import React from 'react'

type Props = {{ title: string; pieces: number }}

export function Card{number}({{ title, pieces }}: Props) {{
  const label = pieces === 1 ? 'piece' : 'pieces'
  return <section className="card"><h2>{{title}}</h2><p>{{pieces}} {{label}}</p></section>
}}
"""
_PAGE = "# Note {number}\n\nOrders are packed in the order in which they were paid.\n"


def files(password: str = PASSWORD) -> dict[str, str]:
    """The whole repository, by path, with the same password everywhere."""
    url, direct = _url(password=password), _url(_HOST, password=password)
    named = {"host": _HOST, "pooler": _POOLER, "password": password, "url": url, "direct": direct}
    weak = named | {"url": _url(more="?sslmode=require", password=password)}
    texts = {
        "backend/config/settings.py": _SETTINGS.format_map(named),
        "backend/apps/orders/report.py": _REPORT.format_map(named),
        "backend/apps/orders/engine.py": _ENGINE.format_map(weak),
        "backend/requirements.txt": "Django==5.1\npsycopg2-binary==2.9.9\nSQLAlchemy==2.0.30\n",
        ".env": _ENV.format_map(named),
        ".env.example": _EXAMPLE.format_map(named),
        ".env.production": _PRODUCTION.format_map(weak),
        "compose.yaml": _COMPOSE.format_map(named),
        ".github/workflows/deploy.yml": _DEPLOY.format_map(weak),
        "web/package.json": '{"dependencies": {"pg": "8.11.0", "postgres": "3.4.4", "@prisma/client": "5.14.0"}}\n',
        "web/prisma/schema.prisma": _SCHEMA.format_map(named),
        "web/src/db.ts": _DB_TS.format_map(named),
        "web/src/search.ts": _SEARCH_TS.format_map(weak),
        "scripts/dump.sh": _DUMP.format_map(named),
        "README.md": "# Shop\n\nA shop.\n",
    }
    return texts | dict(_ordinary())


def _ordinary() -> Iterator[tuple[str, str]]:
    """Three hundred files that say nothing about a database."""
    for number in range(100):
        yield f"backend/apps/items/item{number}.py", _MODULE.format(number=number)
        yield f"web/src/components/Card{number}.tsx", _COMPONENT.format(number=number)
        yield f"docs/note{number}.md", _PAGE.format(number=number)


def write(root: Path, texts: dict[str, str]) -> None:
    """Put files below `root`."""
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
