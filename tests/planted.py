"""Files with passwords planted in every place that a format has for text: values, comments, commands, broken syntax."""

from __future__ import annotations

import json

CANARY = "Kanari3nvogel-9f"
NEON_CANARY = "npg_Kanari3nvog9"
HOST = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
URL = f"postgresql://app:{CANARY}@{HOST}:6432/db?sslmode=prefer"

FILES: dict[str, str] = {
    ".env": f"A=1\nDATABASE_URL={URL}\nDATABASE_URL_UNPOOLED={URL}\nPGHOST={HOST}\nPGPASSWORD={CANARY}\nX={NEON_CANARY}\n",
    "psql.env": f"DATABASE_URL=\"psql '{URL}'\"\nDB_URL=postgresql://app:{CANARY}@x@{HOST}/db&sslmode=require\n",
    "app.py": (
        "import psycopg2, os\nfrom sqlalchemy import create_engine\n"
        f"engine = create_engine('{URL}')\n"
        f"one = psycopg2.connect(host='{HOST}', user='a', password='{CANARY}', dbname='d', sslmode='disable')\n"
        f"two = psycopg2.connect('host={HOST} dbname=d ' 'user=a password={CANARY} sslmode=require&channel_binding=require')\n"
        f"print('{URL}')\n"
        f"three = f'postgresql://app:{CANARY}@{{os.environ[\"H\"]}}/db'\n"
    ),
    "settings.py": (
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'd', 'USER': 'u',\n"
        f"    'PASSWORD': '{CANARY}', 'HOST': '{HOST}', 'CONN_MAX_AGE': 60, 'OPTIONS': {{'sslmode': 'prefer'}}}}}}\n"
    ),
    "compose.yaml": f"services:\n  web:\n    environment:\n      - DATABASE_URL={URL}\n      - PGPASSWORD={CANARY}\n",
    "conf.yaml": f"host: {HOST}\nuser: app\npassword: {CANARY}\nsslmode: verify-ca\n",
    "conf.toml": f'url = "{URL}"\n[db]\nhost = "{HOST}"\npassword = "{CANARY}"\nuser = "app"\n',
    "conf.json": json.dumps({"url": URL, "db": {"host": HOST, "user": "a", "password": CANARY}}),
    "one-line.json": '{"a":"' + "x" * 3000 + f'","url":"{URL}","password":"{CANARY}"}}',
    "alembic.ini": f"[alembic]\nsqlalchemy.url = {URL}&options=endpoint%3Dx\n",
    ".pgpass": f"{HOST}:5432:db:app:{CANARY}\n",
    "NOTES.md": f"Our database is `{URL}`.\n\nPassword: {NEON_CANARY}\n",
    "broken.yaml": f"a: [1\nurl: {URL}\n  : - {CANARY}\n",
    "broken.py": f"def f(:\n    url = '{URL}'\n",
    "broken.toml": f'url = "{URL}\n',
    "deep.py": "x = " + "(" * 300 + f"'{URL}'" + ")" * 300 + "\n",
}

FILES |= {
    "db.ts": (
        f"// was {URL}\nimport {{ Pool }} from 'pg'\nimport {{ neon }} from '@neondatabase/serverless'\n"
        f"export const pool = new Pool({{ connectionString: '{URL}', ssl: {{ rejectUnauthorized: false }} }})\n"
        f"const sql = neon(`{URL}`)\nconst part = `postgresql://app:{CANARY}@${{process.env.H}}/db`\n"
        f"const plus = 'postgresql://app:{CANARY}' +\n  '@{HOST}/db?sslmode=prefer'\n"
        f"new Pool({{ host: '{HOST}', user: 'a', password: '{CANARY}', database: 'd', port: 6432 }})\n"
        f"const url = process.env.DATABASE_URL ?? '{URL}' /* {NEON_CANARY} */\nconsole.log(url, '{URL}')\n"
    ),
    "view.tsx": (
        f"'use client'\nimport postgres from 'postgres'\nconst sql = postgres('{URL}')\n"
        f'export const View = () => <p title="{URL}">{URL} {{`{URL}`}} {{/* {NEON_CANARY} */}}</p>\n'
    ),
    "page.svelte": (
        f"<p>{URL}</p>\n<script lang='ts'>\n  import postgres from 'postgres'\n  const sql = postgres('{URL}')\n"
        f"  const key = '{NEON_CANARY}'\n</script>\n<!-- {URL} -->\n"
    ),
    "drizzle.config.ts": (
        "import { defineConfig } from 'drizzle-kit'\nexport default defineConfig({ dialect: 'postgresql',\n"
        f"  dbCredentials: {{ host: '{HOST}', user: 'a', password: '{CANARY}', database: 'd', ssl: 'prefer' }} }})\n"
    ),
    "knexfile.js": f"module.exports = {{ client: 'pg', connection: '{URL}', pool: {{ min: 5, max: 900 }} }}\n",
    "schema.prisma": f'// {URL}\ndatasource db {{\n  provider = "postgresql"\n  url = "{URL}" // {NEON_CANARY}\n}}\n',
    "Dockerfile": (
        f"# {URL}\nFROM node:16\nARG TOKEN={NEON_CANARY}\nENV DATABASE_URL={URL} PGPASSWORD={CANARY}\n"
        f"ENV PGHOST {HOST}\nRUN psql '{URL}' -c 'select 1' && PGPASSWORD={CANARY} pg_dump -h {HOST} db\n"
        f'CMD ["psql", "{URL}", "-c", "LISTEN x"]\n'
    ),
    "run.sh": (
        f"#!/bin/bash\n# {URL}\nexport DATABASE_URL={URL}\nexport PGPASSWORD='{CANARY}' PGHOST={HOST}\n"
        f'psql {URL}&channel_binding=require -c x\npg_dump "host={HOST} user=a password={CANARY} dbname=d sslmode=prefer"\n'
        f"DIRECT=${{DIRECT_URL:-{URL}}} npx prisma migrate deploy\necho $DATABASE_URL {NEON_CANARY}\n"
        f"psql <<EOF\nalter role app password '{CANARY}';\nEOF\ncurl -H 'authorization: {NEON_CANARY}' x | dbmate --url \"{URL}\" up\n"
    ),
    "Makefile": (
        f"# {URL}\nexport DATABASE_URL := {URL}\nPGPASSWORD = {CANARY}\nmigrate:\n\t@psql '{URL}' -c x\n"
        f"\tPGPASSWORD={CANARY} pg_dump -h {HOST} -U app db \\\n\t  -f {NEON_CANARY}\n"
    ),
    "justfile": f"url := '{URL}'\nmigrate:\n    psql {{{{url}}}}\n    pg_dump '{URL}'\n",
    "Procfile": f"release: DATABASE_URL='{URL}' npx prisma migrate deploy\nweb: node x.js --db {URL}\n",
    "package.json": json.dumps(
        {
            "scripts": {"migrate": f"DATABASE_URL='{URL}' prisma migrate deploy", "dump": f"pg_dump {URL}"},
            "dependencies": {"pg": "8.11.0", "@neondatabase/serverless": "0.6.0"},
            "config": {"url": URL},
        }
    ),
    ".github/workflows/ci.yml": (
        f"on: push\njobs:\n  a:\n    env:\n      PGPASSWORD: {CANARY}\n    steps:\n      - run: psql '{URL}' -c x\n"
        f"      - run: |\n          # {URL}\n          export DATABASE_URL={URL}\n          alembic upgrade head {NEON_CANARY}\n"
    ),
    "wrangler.toml": (
        f'main = "db.ts"\n[vars]\nDATABASE_URL = "{URL}"\n[[hyperdrive]]\nbinding = "H"\nlocalConnectionString = "{URL}"\n'
    ),
    "broken.ts": f"import {{ Pool }} from 'pg'\nnew Pool({{ connectionString: '{URL}, password: `{CANARY}\n",
    "broken.svelte": f"<script>\nconst url = '{URL}'\n<p>{URL}\n",
    "broken.sh": f'if psql "{URL}; then (\nexport PGPASSWORD={CANARY}\n',
    "broken.prisma": f'datasource db {{\n  url = "{URL}\n  password = {CANARY}\n',
    "broken.Dockerfile": f'FROM x\nENV DATABASE_URL="{URL}\nRUN psql "{URL} \\\nCMD ["psql", "{URL}"\n',
}
#: Those that a parser can read to the end, and whose lines are short.
WHOLE = {name for name in FILES if not name.startswith(("broken.", "deep.", "one-line."))}
