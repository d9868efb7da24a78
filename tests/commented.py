"""A defect in every kind of file that takes comments, with a place for a comment above it, and how one is written."""

from __future__ import annotations

from typing import NamedTuple

URL = "postgresql://app:npg_a1b2c3d4e5f6@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=prefer"
_STEP = "jobs:\n  a:\n    steps:\n      - run: |\n          set -e\n{above}          psql '@URL@' -c 'select 1'\n"
_COMPONENT = "<script lang='ts'>\n{above}  const url = '@URL@'\n</script>\n<p>text</p>\n"


class Commented(NamedTuple):
    """`text` with `{above}` for a line of its own above the defect (`@URL@`), and the comment's two ends; `behind` says
    that a comment may stand behind it, too."""

    path: str
    text: str
    open: str = "# "
    close: str = ""
    behind: bool = True

    def plain(self) -> str:
        return self.text.replace("{above}", "").replace("@URL@", URL)

    def above(self, words: str, indent: str = "") -> str:
        return self.text.replace("{above}", f"{indent}{self.open}{words}{self.close}\n").replace("@URL@", URL)


FILES = [
    Commented(".env", "A=1\n{above}DATABASE_URL=@URL@\nB=2\n", behind=False),
    Commented("compose.yaml", "services:\n  web:\n    environment:\n{above}      DATABASE_URL: @URL@\n"),
    Commented(".github/workflows/ci.yml", _STEP, "          # "),
    Commented("netlify.toml", '[build]\ncommand = """\nset -e\n{above}psql \'@URL@\' -c "select 1"\n"""\n'),
    Commented("conf.toml", '[db]\n{above}url = "@URL@"\n'),
    Commented("alembic.ini", "[alembic]\n{above}sqlalchemy.url = @URL@\n", behind=False),
    Commented("alembic.ini", "[alembic]\n{above}sqlalchemy.url = @URL@\n", "; ", behind=False),
    Commented("db.py", "import os\n\n\ndef f():\n{above}    return '@URL@'\n"),
    Commented("db.ts", "import pg from 'pg'\n{above}const url = '@URL@'\n", "// "),
    Commented("db.js", "const pg = require('pg')\n{above}const url = '@URL@'\n", "/* ", " */"),
    Commented("db.jsonc", '{\n{above}  "url": "@URL@"\n}\n', "// "),
    Commented("tsconfig.json", '{\n{above}  "url": "@URL@"\n}\n', "/* ", " */"),
    Commented(
        "View.tsx",
        "export const View = () => (\n  <div>\n{above}    <p title='@URL@' />\n  </div>\n)\n",
        "{/* ",
        " */}",
        behind=False,
    ),
    Commented("Page.svelte", _COMPONENT, "// "),
    Commented("Page.vue", _COMPONENT, "/* ", " */"),
    Commented("Page.astro", "---\n{above}const url = '@URL@'\n---\n<p>text</p>\n", "// "),
    Commented("schema.prisma", 'datasource db {\n{above}  url = "@URL@"\n  provider = "postgresql"\n}\n', "// "),
    Commented("run.sh", "#!/bin/sh\n{above}export DATABASE_URL='@URL@'\n"),
    Commented("Dockerfile", "FROM scratch\n{above}ENV DATABASE_URL=@URL@\n", behind=False),
    Commented("Dockerfile", "FROM scratch\nRUN <<EOF\n{above}DATABASE_URL='@URL@' npx prisma migrate deploy\nEOF\n"),
    Commented("Makefile", "all:\n\ttrue\n{above}export DATABASE_URL := @URL@\n"),
    Commented("justfile", "{above}url := '@URL@'\n"),
    Commented("Procfile", "{above}web: DATABASE_URL='@URL@' npx prisma migrate deploy\n"),
    Commented(
        ".pgpass",
        "a:1:b:c:d\n{above}ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech:6432:db:app:pw\n",
        behind=False,
    ),
    Commented("NOTES.md", "Notes\n\n{above}`@URL@`\n", "<!-- ", " -->"),
    Commented("db.go", 'package db\n\n{above}var url = "@URL@"\n', "// "),
    Commented("db.go", 'package db\n\n{above}var url = "@URL@"\n', "/* ", " */"),
    Commented("db.rb", "{above}URL = '@URL@'\n"),
    Commented("main.tf", 'locals {\n{above}  url = "@URL@"\n}\n'),
    Commented("seed.sql", "select 1;\n{above}select dblink_connect('@URL@');\n", "-- "),
    Commented("seed.sql", "select 1;\n{above}select dblink_connect('@URL@');\n", "/* ", " */"),
    Commented("pom.xml", "<a>\n{above}  <url>@URL@</url>\n</a>\n", "<!-- ", " -->"),
    Commented("notes.txt", "Notes\n{above}@URL@\n", "# ", behind=False),
]
