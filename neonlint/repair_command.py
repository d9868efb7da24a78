"""Patches on a command: quotes around a value that its shell cuts short, and changes of a connection that stands in its
own words. Knows no shell: it speaks in `edits.Op`."""

from __future__ import annotations

from collections.abc import Mapping

from neonlint.dialects import DIALECTS, recognise
from neonlint.edits import Op, ReplaceText, ReplaceValue
from neonlint.errors import Refused
from neonlint.facts.answer import Scalar
from neonlint.ir.endpoint import with_pooler
from neonlint.ir.model import Command
from neonlint.ir.source import Scalar as ScalarValue
from neonlint.ir.source import Slot, Value, has_hole
from neonlint.repair_connection import connection_ops

_QUOTED = "ampersand.unquoted"
_POOLED = "endpoint.pooled"


def command_ops(command: Command, patch: Mapping[str, Scalar]) -> list[Op]:
    """The operations that make `patch` true of a command. Raises `Refused` where its words cannot be changed so."""
    ops: list[Op] = []
    for name, value in patch.items():
        if name == _QUOTED:
            ops += _quoted(command)
        elif command.fields is not None:
            ops += connection_ops(command.fields, {name: value})
        elif name == _POOLED:
            ops += _pooled(command, pooled=bool(value))
        else:
            raise Refused("this cannot be repaired in a command")
    return ops


def _quoted(command: Command) -> list[Op]:
    whole = command.shell.unquoted
    if whole is None or whole.slot is None:
        return []
    return [ReplaceValue(whole, whole.slot.text)]


def _pooled(command: Command, *, pooled: bool) -> list[Op]:
    """Every host in the command's words named pooled or direct."""
    ops: list[Op] = []
    for slot in _slots(command):
        seen = recognise(slot.text)
        host = seen[1].text("host") if seen is not None else None
        if seen is None or host is None:
            continue
        if has_hole(host):
            raise Refused("the value is not written here")
        edits = DIALECTS[seen[0]].put(slot.text, {"host": with_pooler(host, pooled)})
        ops += [ReplaceText(slot, edit.start, edit.end, edit.new) for edit in edits]
    if not ops:
        raise Refused("the connection string is not written here")
    return ops


def _slots(command: Command) -> list[Slot]:
    """The slots of the values that may decide; of one that is cut short, all of it."""
    values: list[Value | None] = [command.target, *(entry.value for entry in command.shell.environment.entries)]
    whole = command.shell.unquoted
    if whole is not None:
        values = [whole if v is not None and v.span.start == whole.span.start else v for v in values]
    return [value.slot for value in values if isinstance(value, ScalarValue) and value.slot is not None]
