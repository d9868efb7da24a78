"""Patches on a connection, as changes of its text or of its fields. Knows no file format: it speaks in `edits.Op`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from neonlint.dialects import DIALECTS
from neonlint.dialects.base import apply_edits
from neonlint.dialects.fields import FAMILIES
from neonlint.edits import Code, DropEntry, Literal, Nested, Op, ReplaceText, ReplaceValue, SetEntry
from neonlint.errors import Refused
from neonlint.facts.answer import Scalar
from neonlint.facts.connection import PRISMA_ONLY
from neonlint.ir.endpoint import repair_pooler, with_pooler
from neonlint.ir.model import Connection
from neonlint.ir.source import Document, Entry, EnvRef, Slot, Table, has_hole, walk
from neonlint.ir.source import Scalar as ScalarValue
from neonlint.regex import regex

_ORDER = ("params.sslmode", "params.channel_binding")


def connection_ops(connection: Connection, patch: Mapping[str, Scalar]) -> list[Op]:
    """The operations that make `patch` true. Raises `Refused` where the connection is not written in a way that can
    take it."""
    if "origin" in patch:
        if len(patch) > 1:
            raise Refused("the whole value is taken out of the file by another fix")
        return [_externalise(connection)]
    changes = _changes(connection, patch)
    if connection.slot is not None:
        edits = DIALECTS[connection.dialect].put(connection.slot.text, changes)
        if "syntax.ini_percent" in patch:
            return [
                ReplaceText(connection.slot, 0, len(connection.slot.text), apply_edits(connection.slot.text, edits))
            ]
        return [ReplaceText(connection.slot, e.start, e.end, e.new) for e in edits]
    return [op for name, value in changes.items() for op in _field_op(connection, name, value)]


def _changes(connection: Connection, patch: Mapping[str, Scalar]) -> dict[str, str | None]:
    """The patch in the components that dialects know; derived ones become changes of what they are derived from."""
    changes: dict[str, str | None] = {}
    for name in sorted(patch, key=lambda n: (_ORDER.index(n) if n in _ORDER else len(_ORDER), n)):
        value = patch[name]
        if name in ("endpoint.pooled", "endpoint.misplaced_pooler", "host.misspelt", "host.on_neon_com"):
            changes["host"] = _host(changes.get("host") or _whole(connection, "host"), name, value)
        elif name == "password.endpoint":
            changes["password"] = _without_hack(connection)
        elif name in ("options.endpoint", "options.project"):
            value = _label_after(connection, changes.get("host"), value)
            changes["params.options"] = _options(
                changes.get("params.options") or _whole(connection, "params.options"), name, value
            )
        elif name == "syntax.duplicate":
            changes = {**_without_duplicates(connection), **changes}
        elif name == "params.foreign":
            changes = {**_without_foreign(connection), **changes}
        elif name.startswith("syntax."):
            changes[name] = None
        else:
            changes[name] = None if value is None else _written(value)
    return changes


def _label_after(connection: Connection, host: str | None, value: Scalar) -> Scalar:
    """The endpoint that an option must name once the host is `host`; what names another endpoint stays."""
    if host is not None and value == _whole(connection, "host").partition(".")[0]:
        return host.partition(".")[0]
    return value


def _written(value: Scalar) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _whole(connection: Connection, name: str) -> str:
    text: object = None
    if connection.view is not None:
        text = connection.view.text(name)
    elif (entry := connection.fields.get(name)) is not None and isinstance(entry.value, ScalarValue):
        text = entry.value.value if entry.value.slot is None else entry.value.slot.text
    if not isinstance(text, str) or has_hole(text):
        raise Refused("the value is not written here")
    return text


def _host(host: str, name: str, value: Scalar) -> str:
    if name == "endpoint.pooled":
        return with_pooler(host, bool(value))
    if name == "host.on_neon_com":
        return re.sub(r"\.neon\.com$", ".neon.tech", host, flags=re.IGNORECASE)
    if name == "host.misspelt":
        return re.sub(r"^[^@]*@|^[a-z+]+://", "", host).split("/", 1)[0].split(":", 1)[0]
    repaired = repair_pooler(host)
    if repaired is None:
        raise Refused("the host name has no -pooler to move")
    return repaired


def _without_hack(connection: Connection) -> str:
    secret = connection.secret
    if secret is None or secret.endpoint_prefix is None:
        raise Refused("the password is not written here")
    return re.split(r"[;$]", secret.reveal(), maxsplit=1)[1]


def _options(text: str, name: str, value: Scalar) -> str | None:
    if name == "options.endpoint" and value is not None:
        return re.sub(r"(^|\s)(?:endpoint|project)=\S+", rf"\1endpoint={value}", text)
    if name == "options.project":
        return re.sub(r"(^|\s)project=", r"\1endpoint=", text)
    return re.sub(r"(?:^|(?<!\s)\s+)(?:endpoint|project)=\S+", "", text).strip() or None


def _without_duplicates(connection: Connection) -> dict[str, str | None]:
    assert connection.view is not None
    values: dict[str, list[str]] = {}
    for param in connection.view.params:
        values.setdefault(param.name, []).append(param.value.text)
    return {f"params.{name}": texts[-1] for name, texts in values.items() if len(texts) > 1}


def _without_foreign(connection: Connection) -> dict[str, str | None]:
    names = [p.name for p in connection.view.params] if connection.view is not None else []
    return {f"params.{name}": None for name in names if name in PRISMA_ONLY}


def _externalise(connection: Connection) -> Op:
    """Read the value from the environment instead: the idiom of the language, under the name that holds it now."""
    name = _environment_name(connection)
    if connection.slot is None:
        value = connection.fields["password"].value
        code = connection.document.format in ("python", "javascript")
        if code and connection.table is not None and connection.table.kind == "env":
            raise Refused("this line sets the variable; set it where the program runs, and take the line away")
        if connection.family == "secret" and isinstance(value, ScalarValue) and value.slot is not None:
            value = _written_value(connection, value.slot)
        return ReplaceValue(value, look_up(connection.document, name))
    if connection.standing == "default":
        ref = _look_up_around(connection)
        return ReplaceValue(ref, _without_default(connection, ref))
    return ReplaceValue(_written_value(connection, connection.slot), look_up(connection.document, name))


def _written_value(connection: Connection, slot: Slot) -> ScalarValue:
    """The document's own value that holds the slot; formats know what is replaced by its identity."""
    values = (value for root in connection.document.roots for _, value in walk(root))
    own = next((v for v in values if isinstance(v, ScalarValue) and v.slot is slot), None)
    return own or ScalarValue(slot.text, slot.span, slot)


#: `process.env.X ?? ` in front of a default, however the environment is called there.
_IN_FRONT = regex(rb"\(*([\w.$]+(?:\[[^\[\]\s]+\]|\(['\"]\w+['\"]\))?)\s*(?:\|\||\?\?)\s*\Z")


def _without_default(connection: Connection, ref: EnvRef) -> Code:
    """A look-up as it is written, but for its default."""
    document = connection.document
    if document.format != "javascript":
        return look_up(connection.document, ref.name)
    found = _IN_FRONT.match(document.data[ref.span.start : connection.span.start])
    if found is None or document.data[connection.span.end : ref.span.end].strip(b") \r\n\t"):
        raise Refused("the value is the default of an environment look-up; take the default away")
    return Code(found[1].decode() + _sure(document))


def _sure(document: Document) -> str:
    """TypeScript counts a look-up as one that may find nothing, and no driver takes that."""
    return "!" if document.path.endswith((".ts", ".tsx", ".mts", ".cts")) else ""


#: Look-ups whose default can be taken away by writing `os.environ[…]` in their place.
_PLAIN_LOOK_UPS = ("os.getenv", "os.environ.get")


def _look_up_around(connection: Connection) -> EnvRef:
    """The environment look-up whose default the connection is. Raises `Refused` where we cannot rewrite it."""
    document = connection.document
    values = [v for root in document.roots for _, v in walk(root)]
    values += [v for call in document.calls for _, v in walk(call)]
    for value in values:
        if isinstance(value, EnvRef) and isinstance(value.default, ScalarValue) and value.default.slot is not None:
            plain = document.format != "python" or any(
                c.callee in _PLAIN_LOOK_UPS and value.span.start <= c.span.start and c.span.end <= value.span.end
                for c in document.calls
            )
            if value.default.slot.span == connection.span and plain:
                return value
    raise Refused("the value is the default of an environment look-up; take the default away")


def _environment_name(connection: Connection) -> str:
    if connection.slot is None:
        key = connection.fields["password"].key
        own = key.upper().endswith("PASSWORD") and len(key) > len("PASSWORD")
        own = own or (connection.family == "secret" and re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", key) is not None)
        return key.upper() if own else "PGPASSWORD"
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", connection.name.rsplit(".", 1)[-1])
    upper = re.sub(r"[^A-Z0-9_]", "_", words.upper())
    return upper if re.search(r"(?:URL|URI|DSN)$", upper) and upper not in ("URL", "URI", "DSN") else "DATABASE_URL"


def look_up(document: Document, name: str) -> Code:
    """Reading a variable of the environment, in the idiom of the file. Raises `Refused` where there is none."""
    match document.format:
        case "python":
            return Code(f'os.environ["{name}"]', ("os",))
        case "javascript" if b"Deno.env" in document.data:
            return Code(f'Deno.env.get("{name}")' + _sure(document))
        case "javascript":
            return Code(f"process.env.{name}" + _sure(document))
        case "prisma":
            return Code(f'env("{name}")')
        case "yaml":
            return Code("${" + name + "}")
    raise Refused("there is no way to read the environment in this kind of file")


def _field_op(connection: Connection, name: str, value: str | None) -> list[Op]:
    entry = connection.fields.get(name)
    if entry is not None:
        return _change_entry(connection, entry, value)
    if value is None:
        return []
    table = connection.table
    assert table is not None
    family = FAMILIES.get(connection.family)
    if family is None or not family.speaks_libpq:
        raise Refused("what the program calls this setting is not known")
    if family.nested and name.startswith("params."):
        return _nested(table, family.nested, name.removeprefix("params."), value)
    keys = family.components.get(name)
    key = keys[0] if keys else name.removeprefix("params.")
    return [
        SetEntry(
            table,
            key,
            value,
            connection.fields["host"] if table.kind == "env" and "host" in connection.fields else None,
        )
    ]


def _nested(table: Table, key: str, name: str, value: Literal) -> list[Op]:
    inner = table.get(key)
    if isinstance(inner, Table):
        return [SetEntry(inner, name, value)]
    if inner is not None:
        raise Refused(f"{key} is not written here")
    return [SetEntry(table, key, nested((name,), value))]


def nested(path: tuple[str, ...], value: Literal) -> Literal:
    """`value` under the keys of `path`, outermost first, as tables to be written one in the other."""
    for key in reversed(path):
        value = Nested(((key, value),))
    return value


def _change_entry(connection: Connection, entry: Entry, value: str | None) -> list[Op]:
    assert connection.table is not None
    if value is None:
        holder = _holder(connection.table, entry)
        return [DropEntry(holder, entry)]
    scalar = entry.value
    if not isinstance(scalar, ScalarValue):
        raise Refused("the value is not written here")
    if scalar.slot is None:
        plain: Literal = int(value) if value.isdigit() else value
        return [ReplaceValue(scalar, value == "true" if value in ("true", "false") else plain)]
    text = scalar.slot.text
    return [ReplaceText(scalar.slot, 0, len(text), value)] if text != value else []


def _holder(table: Table, entry: Entry) -> Table:
    if entry in table.entries:
        return table
    for outer in table.entries:
        if isinstance(outer.value, Table) and entry in outer.value.entries:
            return outer.value
    raise Refused("the value is not written here")
