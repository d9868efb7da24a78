"""YAML: Compose files, workflows, Kubernetes manifests and all others. Knows no Postgres, constructs no object.

A list of environment variables (`- KEY=value`, `- name: KEY` with `value: …`) is given twice under its key: first as
the `Items` that it is, then as a table of kind `env`, so that a look-up finds the table. Both share their values where
they can.
What templates and Compose fill in are holes; an alias is `Unknown("alias")` and is never followed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from neonlint.edits import Edit, Op
from neonlint.errors import ParseFailure
from neonlint.formats.environment import unwrapped
from neonlint.formats.holes import Finder, made, parts_finder
from neonlint.formats.lines import Source, Written, decode
from neonlint.formats.yaml_nodes import Node, comments, parse
from neonlint.formats.yaml_scalars import encode as encode  # noqa: PLC0414 (part of this module's surface)
from neonlint.formats.yaml_scalars import resolved, written
from neonlint.ir.source import Comment, Document, Entry, Items, Scalar, Span, Table, TableKind, Unknown, Value
from neonlint.records import dataclass

NAME = "yaml"

#: Keys whose mappings, and whose lists, hold environment variables.
_BOTH = ("env", "environment", "envVars", "variables", "environment_variables", "extraEnv", "extraEnvVars")
_ENV_MAPPINGS = frozenset({*_BOTH, "Variables", "stringData", "data", "env_variables"})
_ENV_LISTS = frozenset({*_BOTH, "envs"})
#: A variable's name as people write them; Compose's extension fields (`x-env: &env`) hold mappings of these.
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
PASSED_ON = "the variable is passed on from the surroundings"

_COMPOSE_FILE = re.compile(r"(?:docker-)?compose[^/]*\.ya?ml")
_COMPOSE = parts_finder(re.compile(r"\$\{|\$[A-Za-z_][A-Za-z0-9_]*+|\{\{|<%"))
_OTHER = parts_finder(re.compile(r"\$\{\{|\$\{|\$\(|\{\{|<%"))
_DOLLARS = re.compile(r"\$\$")


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` for what is no YAML, such as an unrendered Helm or Jinja template."""
    source = decode(data)
    nodes = parse(source)
    reader = _Reader(source, is_compose(path))
    try:
        roots = [reader.root(node) for node in nodes if node.shape != "scalar" or node.value]
    except RecursionError:
        raise ParseFailure("nested too deeply") from None
    notes = tuple(_comment(source, start, end) for start, end in comments(source, nodes))
    return Document(path, NAME, data, roots[0] if roots else None, tuple(roots[1:]), comments=notes)


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for code other than `${NAME}` and for layouts that it does not know."""
    from neonlint.formats.yaml_write import render as write  # noqa: PLC0415 (a run that only reads does not need it)

    return write(document, ops)


def is_compose(path: str) -> bool:
    """Whether Docker Compose reads this file, which alone expands `$NAME` in it."""
    return bool(_COMPOSE_FILE.fullmatch(posixpath.basename(path)))


def _comment(source: Source, start: int, end: int) -> Comment:
    line = source.text.rfind("\n", 0, start) + 1
    own_line = not source.text[line:start].strip()
    return Comment(source.text[start + 1 : end].strip(), source.row(start), source.span(start, end), own_line)


@dataclass(frozen=True, slots=True)
class _Reader:
    """From nodes to values."""

    source: Source
    compose: bool

    def root(self, node: Node) -> Table:
        value = self.value(node, "", in_flow=False, secret=False)
        if isinstance(value, Table):
            return value
        where = value.span
        return Table("mapping", (Entry("", Span(where.start, where.start), value, where),), where)

    def value(self, node: Node, key: str, *, in_flow: bool, secret: bool) -> Value:
        """The value of `node`, which stands under `key`; `secret` for the mapping of a Kubernetes Secret."""
        span = self.source.span(node.start, node.end)
        if node.tag is not None and not node.tag.startswith("tag:yaml.org,2002:"):
            return Unknown("a tag changes this value", self.source.span(node.tag_start, node.end))
        match node.shape:
            case "scalar":
                return self.scalar(node, in_flow=in_flow)
            case "alias":
                return Unknown("alias", span)
            case "sequence":
                within = node.style == "flow"
                return Items(tuple(self.value(c, "", in_flow=within, secret=False) for c in node.children), span)
            case _ if node.style == "flow" and self.source.text.startswith("{{", node.start):
                return Unknown("a template fills this in", span)
            case _:
                return self.mapping(node, key, span, secret=secret)

    def mapping(self, node: Node, key: str, span: Span, *, secret: bool) -> Table:
        entries = tuple(self.entries(node, encoded=secret and key == "data"))
        kind: TableKind = "env" if key in _ENV_MAPPINGS or self.is_extension(key, entries) else "mapping"
        if kind == "env":
            entries = tuple(unwrapped(entries))
        complete = all(_names(name) for name, _ in node.pairs())
        return Table(kind, entries, span, complete, key)

    def is_extension(self, key: str, entries: Sequence[Entry]) -> bool:
        """Whether an extension field of a Compose file holds variables, for services to take over by its anchor."""
        if not self.compose or not key.startswith("x-") or not entries:
            return False
        return all(_VARIABLE.fullmatch(entry.key) for entry in entries)

    def entries(self, node: Node, *, encoded: bool) -> Iterator[Entry]:
        secret = any(name.value == "kind" and value.value == "Secret" for name, value in node.pairs())
        for name, value in node.pairs():
            if name.shape != "scalar":
                continue
            key_span = self.source.span(name.start, name.end)
            span = Span(key_span.start, max(self.source.offsets[value.end], key_span.end))
            found = self.value(value, name.value, in_flow=node.style == "flow", secret=secret)
            if encoded and value.shape == "scalar":
                found = Unknown("base64", found.span)
            yield Entry(name.value, key_span, found, span)
            if isinstance(found, Items) and name.value in _ENV_LISTS:
                yield from self.variables(Entry(name.value, key_span, found, span), value)

    def scalar(self, node: Node, *, in_flow: bool) -> Value:
        span = self.source.span(node.start, node.end)
        if node.style == "" and node.start == node.end:
            return Scalar(None, span)
        characters, style = written(self.source, node, in_flow=in_flow)
        value = self.text(characters, span, style)
        meaning = resolved(node.value) if node.style == "" else node.value
        if isinstance(value, Scalar) and not isinstance(meaning, str):
            return Scalar(meaning, span, value.slot)
        return value

    def text(self, characters: Written, span: Span, style: str) -> Value:
        if self.compose:
            characters = _undoubled(characters)
            style += "+compose"
        find: Finder = _COMPOSE if self.compose else _OTHER
        return made(characters, span, style, find, writable=not style.startswith("other"))

    def variables(self, raw: Entry, node: Node) -> Iterator[Entry]:
        """The list of environment variables under `raw` as a table; nothing where the list holds something else."""
        items = raw.value.values if isinstance(raw.value, Items) else ()
        found = [self.variable(child, item) for child, item in zip(node.children, items, strict=True)]
        entries = tuple(entry for group in found for entry in group)
        if entries:
            table = Table("env", entries, raw.value.span, all(found), raw.key)
            yield Entry(raw.key, raw.key_span, table, raw.span)

    def variable(self, node: Node, item: Value) -> list[Entry]:
        if node.shape == "scalar":
            return self.pair(node)
        if not isinstance(item, Table):
            return []
        name = item.get("name") or item.get("key")
        if not isinstance(name, Scalar):
            # `- KEY: value`, one mapping for each variable.
            return list(item.entries) if len(item.entries) == 1 else []
        value = item.get("value") or Unknown("the value comes from elsewhere", Span(item.span.end, item.span.end))
        return [Entry(str(name.value), name.span, value, item.span)]

    def pair(self, node: Node) -> list[Entry]:
        """`KEY=value` or `KEY` alone, which passes a variable of the surroundings on."""
        characters, style = written(self.source, node, in_flow=False)
        key, equals, _ = characters.text.partition("=")
        if not re.fullmatch(r"[A-Za-z_][\w.\-]*", key):
            return []
        span = self.source.span(node.start, node.end)
        key_span, at = characters.span(0, len(key)), len(key) + len(equals)
        gap = characters.gap(at, 0)
        if not equals:
            return [Entry(key, key_span, Unknown(PASSED_ON, Span(gap, gap)), span)]
        value = characters.part(at, len(characters.text))
        where = value.span(0, len(value.text)) if value.text else Span(gap, gap)
        return [Entry(key, key_span, self.text(value, where, style + "+pair"), span)]


def _undoubled(characters: Written) -> Written:
    """Compose reads `$$` as a dollar sign that nothing expands; a character of two bytes is not looked at again."""
    doubled = [match.start() for match in _DOLLARS.finditer(characters.text)]
    if not doubled:
        return characters
    second = {at + 1 for at in doubled}
    kept = [at for at in range(len(characters.text)) if at not in second]
    ends = [characters.ends[at + 1 if at + 1 in second else at] for at in kept]
    return Written("".join(characters.text[at] for at in kept), [characters.starts[at] for at in kept], ends)


def _names(key: Node) -> bool:
    """Whether a mapping's key says what is under it; a merge key, an alias or a collection does not."""
    return key.shape == "scalar" and not (key.value == "<<" and key.style == "")
