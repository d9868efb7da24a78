"""One addition of each kind that CONTRIBUTING describes, as small as it can be: which files it touches, and how to see
that it works. The names of the files are those of the text, with its placeholders filled in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"


class Change(NamedTuple):
    """What happens to one file: `new` stands behind the first `old`; without `old` it is the whole of a new file."""

    new: str
    old: str = ""

    def made(self, path: Path) -> None:
        if not self.old:
            path.write_text(self.new)
            return
        text = path.read_text()
        assert self.old in text, f"{path}: {self.old}"
        path.write_text(text.replace(self.old, self.old + self.new, 1))


class Broken(Exception):
    """neonlint itself failed, as it does when half of an addition is missing."""


class Addition(NamedTuple):
    """`files` are those of the section `heading`; `works` says what does not work yet ("" for nothing)."""

    heading: str
    files: Mapping[str, Change]
    works: Callable[[Copy], str]

    def complaint(self, copy: Copy) -> str:
        """What does not work in a copy, for whatever reason."""
        try:
            return self.works(copy)
        except Broken as failure:
            return str(failure)


class Copy(NamedTuple):
    """A copy of the repository to try things in, and a project beside it."""

    root: Path
    project: Path

    def run(self, *words: str, cwd: Path | None = None) -> tuple[int, str]:
        """Run a module of the copy; its status and what it says."""
        environment = {**os.environ, "PYTHONPATH": str(self.root)}
        command = [sys.executable, "-m", *words]
        done = subprocess.run(
            command, cwd=cwd or self.project, env=environment, check=False, text=True, stdout=-1, stderr=-1
        )
        return done.returncode, done.stdout + done.stderr

    def check(self, **files: str) -> list[dict[str, Any]]:
        """What `neonlint check` finds in a project of these files (`__` for a dot)."""
        for name, text in files.items():
            (self.project / name.replace("__", ".")).write_text(text)
        status, said = self.run("neonlint", "check", "--output-format", "json")
        if status not in (0, 1):
            raise Broken(said)
        found: list[dict[str, Any]] = json.loads(said)["diagnostics"]
        return found

    def test(self, *words: str) -> str:
        """Run tests of the copy; what pytest says where not all is well."""
        status, said = self.run("pytest", "-q", "-p", "no:cacheprovider", *words, cwd=self.root)
        return "" if status == 0 else said


# --- a rule ---

_RULE = """\
#:schema ./schema.json
code     = "NL699"
name     = "database-in-sao-paulo"
summary  = "A database lies in sa-east-1"
subject  = "connection"
severity = "info"
when     = 'endpoint.neon and endpoint.region == "sa-east-1" and not file.test'
at       = "host"
message  = "`{name}` leads to {endpoint.region}"
rationale = "It is far away."
references = ["https://neon.com/docs/introduction/regions"]
advice = "Move it"

[[example]]
bad = { ".env" = "DATABASE_URL=postgresql://app:pw@ep-cool-rain-a1b2c3d4.sa-east-1.aws.neon.tech/db?sslmode=require&channel_binding=require\\n" }
finding = { path = ".env", at = "ep-cool-rain-a1b2c3d4.sa-east-1.aws.neon.tech" }

[[example]]
ok = { ".env" = "DATABASE_URL=postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=require&channel_binding=require\\n" }
"""


def _rule_works(copy: Copy) -> str:
    url = "postgresql://app:pw@ep-cool-rain-a1b2c3d4.sa-east-1.aws.neon.tech/db"
    if "NL699" not in {found["code"] for found in copy.check(__env=f"DATABASE_URL={url}\n")}:
        return "the rule does not fire"
    status, said = copy.run("neonlint.pages", "--write", cwd=copy.root)
    if status or not (copy.root / "docs/rules/NL699.md").is_file():
        return f"the pages are not made: {said}"
    return copy.test("tests/test_rule_examples.py", "-k", "database-in-sao-paulo")


# --- a format ---

_FORMAT = '''\
"""Lines `NAME := value`. Knows no Postgres."""

import re
import sys

from neonlint.errors import Refused
from neonlint.edits import ReplaceText
from neonlint.formats.base import replace_text
from neonlint.formats.holes import made
from neonlint.formats.lines import decode
from neonlint.ir.source import Comment, Document, Entry, Table

NAME = "assignments"
_LINE = re.compile(r"^(\\w+) := (.+)$|^#(.*)$", re.MULTILINE)


def read(path, data):
    source = decode(data)
    entries, comments = [], []
    for match in _LINE.finditer(source.text):
        span = source.span(*match.span())
        if match[1] is None:
            comments.append(Comment(match[3].strip(), source.row(match.start()), span, own_line=True))
        else:
            value = made(source.verbatim(*match.span(2)), source.span(*match.span(2)), "bare")
            entries.append(Entry(match[1], source.span(*match.span(1)), value, span))
    root = Table("env", tuple(entries), source.span(0, len(source.text)))
    return Document(path, NAME, data, root, comments=tuple(comments))


def encode(style, text):
    return text.encode() if text.isprintable() else None


def render(document, ops):
    if not all(isinstance(op, ReplaceText) for op in ops):
        raise Refused("only text can be replaced here")
    return [replace_text(sys.modules[__name__], op) for op in ops]
'''
_LINES = f"""\
# what the job needs
PGHOST := {HOST}
PGSSLMODE := prefer
JOB_DATABASE_URL := postgresql://app:pw@{HOST}:6432/db?sslmode=require&channel_binding=require
"""


def _format_works(copy: Copy) -> str:
    found = copy.check(job__assign=_LINES)
    if ("NL102", 3) not in {(one["code"], one["location"]["row"]) for one in found}:
        return "the separate fields are not seen"
    _, said = copy.run("neonlint", "fix")
    if ":6432" in (copy.project / "job.assign").read_text():
        return f"nothing was repaired: {said}"
    status, said = copy.run("neonlint", "check", "--add-ignore=known")
    return "" if status == 0 else f"no comment was written: {said}"


# --- a client ---

_CLIENT = """
NEONPOOL = ClientSpec(
    "neonpool", (Opens(("neonpool.connect",), "connection", (0, ("url",)), "keywords"),), "psycopg2"
)
"""
_PROGRAM = """\
import os

import neonpool

connection = neonpool.connect(os.environ["SHOP"])
connection.cursor().execute("LISTEN orders")
"""


def _client_works(copy: Copy) -> str:
    pooled = HOST.replace(".us-", "-pooler.us-")
    found = copy.check(__env=f"SHOP=postgresql://app:pw@{pooled}/db\n", app__py=_PROGRAM)
    fixes = {one["code"]: one["fix"] for one in found}
    if "NL401" not in fixes:
        return f"the call is not seen: {sorted(fixes)}"
    safe = fixes.get("NL101") and fixes["NL101"]["applicability"] == "safe"
    return "" if safe else "the driver is not known"


# --- a target ---

_TARGET = '''\
"""A program that reads one variable."""

from neonlint.targets.model import RUNTIMES, File, Output, Target
from neonlint.targets.text import url_variables


def _render(plan):
    return Output((File("shop.txt", f"The connection string stands in {plan.variable}.\\n"),), url_variables(plan))


TARGETS = {"shop": Target("shop", "Shop", "A file for the shop.", _render, ["https://neon.com/docs/connect/connect-intro"], RUNTIMES)}
'''


def _target_works(copy: Copy) -> str:
    status, said = copy.run("neonlint", "generate", "shop")
    if status or "The connection string stands in DATABASE_URL" not in said:
        return f"it is not printed: {said}"
    status, said = copy.run("neonlint.pages", "--write", cwd=copy.root)
    if not (copy.root / "docs/targets/shop.md").is_file():
        return f"its page is not made: {said}"
    return copy.test("tests/targets/test_matrix.py", "-k", "shop")


ADDITIONS = {
    "rule": Addition("Add a rule", {"rules/NL699-database-in-sao-paulo.toml": Change(_RULE)}, _rule_works),
    "format": Addition(
        "Add a file format",
        {
            "neonlint/formats/assignments.py": Change(_FORMAT),
            "neonlint/formats/__init__.py": Change(
                '    "assignments": "neonlint.formats.assignments",\n', "MODULES: dict[str, str] = {\n"
            ),
            "neonlint/formats/claims.py": Change(
                '\n_BY_SUFFIX[".assign"] = "assignments"\nNEEDLES["assignments"] = ()\n',
                '    "text": (b"neon.tech", b"neon.com", b"neon.build", b"npg_", *_HOSTS),\n}\n',
            ),
            "neonlint/ignore_comments_syntax.py": Change('"assignments", ', "_HASHES = ("),
        },
        _format_works,
    ),
    "client": Addition(
        "Add a client",
        {
            "neonlint/clients/python.py": Change(_CLIENT, "from neonlint.clients.base import ClientSpec, Opens\n"),
            "neonlint/clients/__init__.py": Change("        python.NEONPOOL,\n", "_by_name(\n    (\n"),
            "neonlint/facts/drivers.py": Change('"neonpool": "psycopg2", ', "_DIRECT = {"),
            "neonlint/formats/claims.py": Change('        b"neonpool",\n', '    "python": (\n'),
        },
        _client_works,
    ),
    "target": Addition(
        "Add a generator target",
        {
            "neonlint/targets/shop.py": Change(_TARGET),
            "neonlint/targets/__init__.py": Change(
                '    "shop": "neonlint.targets.shop",\n', "MODULES: dict[str, str] = {\n"
            ),
        },
        _target_works,
    ),
}
