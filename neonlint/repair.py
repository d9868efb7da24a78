"""From patches on the model to edits of one file. All patches that land in one subject are merged first, then written
once.

What a patch may name: `scheme`, `driver`, `host`, `port`, `database`, `user`, `params.<libpq name>`,
`endpoint.pooled`, `endpoint.misplaced_pooler`, `host.misspelt`, `password.endpoint`, `options.endpoint`,
`options.project`, `syntax.<defect>`, `origin` for connections; `options.<canonical>`, `options.misplaced`,
`alias.misplaced`, `neon_config.<property>` for clients; `setting` for a setting. The value `env:NAME` is a look-up of
NAME in the environment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from neonlint import formats
from neonlint.edits import Code, DropEntry, Edit, Op, ReplaceValue, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.extract import extract
from neonlint.facts.answer import Scalar
from neonlint.formats.base import Format
from neonlint.ir.model import Client, Command, Connection, Extract, Setting, Statement, Subject
from neonlint.ir.source import Document, Ref
from neonlint.judge import Judgement
from neonlint.records import dataclass, field
from neonlint.repair_connection import connection_ops

Patch = Mapping[str, Scalar]
#: The method to call of what is called as a function.
_METHOD = "call.method"
#: The component that `repair_quotes` changes.
_QUOTED = "value.quoted"
_NOTHING = "there is nothing to change in this file"


@dataclass(slots=True)
class Repaired:
    """What came of repairing one document: the new bytes, which judgements were repaired, and why others were not."""

    data: bytes
    done: list[Judgement] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def patch_of(judgement: Judgement) -> Patch:
    """The components that a judgement's fix sets; `None` takes one away."""
    assert judgement.fix is not None
    return {**judgement.fix.set, **dict.fromkeys(judgement.fix.unset)}


def edits_for(judgement: Judgement) -> tuple[Edit, ...]:
    """The edits that one fix alone makes. Raises `Refused`."""
    document = judgement.extract.document
    edits = _render(document, [(judgement.subject, patch_of(judgement))])
    _verify(judgement.extract, apply(document.data, edits), [judgement])
    return tuple(edits)


def repair(current: Extract, chosen: Sequence[Judgement]) -> Repaired:
    """Make every fix of `chosen` in one document that can be made beside those before it; the others are refused."""
    result = Repaired(current.document.data)
    able = [judgement for judgement in chosen if _does_something(judgement, result)]
    if able:
        _by_halves(current, able, result)
    return result


def _does_something(judgement: Judgement, result: Repaired) -> bool:
    """Whether a fix changes anything by itself, so that beside others it is not taken for made; else it is refused."""
    try:
        if _ops(judgement.subject, patch_of(judgement)) or _quotes(judgement.subject, patch_of(judgement)):
            return True
        reason = _NOTHING
    except Refused as refusal:
        reason = refusal.reason
    result.refused[id(judgement)] = reason
    return False


def _by_halves(current: Extract, chosen: Sequence[Judgement], result: Repaired) -> None:
    """Add to `result` what of `chosen` can be made beside what is there already, earlier ones first.

    Few fixes of many fail as a rule, so halves that fit are taken whole: each attempt reads the whole file.
    """
    attempt = [*result.done, *chosen]
    try:
        edits = _render(current.document, _merged(attempt))
        data = apply(current.document.data, edits)
        _verify(current, data, attempt)
    except Refused as refusal:
        if len(chosen) == 1:
            result.refused[id(chosen[0])] = refusal.reason
            return
        middle = len(chosen) // 2
        _by_halves(current, chosen[:middle], result)
        _by_halves(current, chosen[middle:], result)
    else:
        result.done, result.data = attempt, data


def _merged(judgements: Iterable[Judgement]) -> list[tuple[Subject, Patch]]:
    """One patch a subject. Raises `Refused` where two fixes want different values of one component."""
    patches: dict[int, dict[str, Scalar]] = defaultdict(dict)
    subjects: dict[int, Subject] = {}
    for judgement in judgements:
        subjects[id(judgement.subject)] = judgement.subject
        merged = patches[id(judgement.subject)]
        for name, value in patch_of(judgement).items():
            if merged.setdefault(name, value) != value:
                raise Refused(f"two fixes want different values of {name}")
    return [(subjects[key], patch) for key, patch in patches.items()]


def _render(document: Document, patches: Sequence[tuple[Subject, Patch]]) -> list[Edit]:
    format_: Format = formats.load(document.format)
    ops = [op for subject, patch in patches for op in _ops(subject, patch)]
    quotes = [edit for subject, patch in patches for edit in _quotes(subject, patch)]
    if not ops and not quotes:
        raise Refused(_NOTHING)
    return merge([*(format_.render(document, ops) if ops else ()), *quotes])


def _quotes(subject: Subject, patch: Patch) -> list[Edit]:
    """The edits of a patch that puts a value into quotes or takes them away."""
    if _QUOTED not in patch or not isinstance(subject, Connection):
        return []
    from neonlint.repair_quotes import quote_edits  # noqa: PLC0415 -- few fixes are about quotes

    return quote_edits(subject, quoted=bool(patch[_QUOTED]))


def _ops(subject: Subject, patch: Patch) -> list[Op]:
    if isinstance(subject, Connection):
        rest = {name: value for name, value in patch.items() if name != _QUOTED}
        return connection_ops(subject, rest) if rest else []
    if isinstance(subject, Client):
        from neonlint.repair_client import client_ops  # noqa: PLC0415 -- a dotenv file holds no client

        return client_ops(subject, patch)
    if isinstance(subject, Command):
        from neonlint.repair_command import command_ops  # noqa: PLC0415 -- nor a command

        return command_ops(subject, patch)
    if isinstance(subject, Statement) and isinstance(method := patch.get(_METHOD), str):
        span = subject.call.name_span
        callee = subject.document.data[span.start : span.end].decode()
        return [ReplaceValue(Ref(callee, span), Code(f"{callee}.{method}"))]
    if isinstance(subject, Setting) and subject.table is not None and subject.entry is not None:
        return [DropEntry(subject.table, subject.entry)]
    raise Refused("this cannot be repaired by an edit")


def _verify(current: Extract, data: bytes, made: Sequence[Judgement]) -> None:
    """The file still parses, holds the same connections and clients, and only what was patched differs."""
    document = current.document
    if data == document.data:
        raise Refused(_NOTHING)
    try:
        again = extract(formats.load(document.format).read(document.path, data))
    except ParseFailure as failure:
        raise Refused("the result would not parse") from failure
    touched = {id(j.subject) for j in made} | _fields_touched(made) | _in_commands(current, made)
    loosened = any(_replaces_value(j) for j in made)
    if not loosened and len(again.connections) != len(current.connections):
        raise Refused("the result would not read back as the same connections")
    if len(again.clients) != len(current.clients):
        raise Refused("the result would not read back as the same clients")
    if not loosened:
        for old, new in zip(current.connections, again.connections, strict=True):
            if id(old) not in touched and _components(old) != _components(new):
                raise Refused("another connection of the file would change")


def _fields_touched(made: Sequence[Judgement]) -> set[int]:
    """A client's own fields stand in the table that its patch may change."""
    return {id(j.subject.fields) for j in made if isinstance(j.subject, Client) and j.subject.fields is not None}


def _in_commands(current: Extract, made: Sequence[Judgement]) -> set[int]:
    """The connections in the words of commands that a patch changes."""
    spans = [j.subject.span for j in made if isinstance(j.subject, Command)]
    return {
        id(c) for c in current.connections if any(s.start <= c.span.start and c.key_span.end <= s.end for s in spans)
    }


def _replaces_value(judgement: Judgement) -> bool:
    return "origin" in patch_of(judgement)


def _components(connection: Connection) -> dict[str, str]:
    if connection.view is not None:
        parts = {name: part.text for name, part in connection.view.parts.items()}
        return parts | {f"params.{i}.{p.name}": p.value.text for i, p in enumerate(connection.view.params)}
    return {name: str(getattr(entry.value, "value", "")) for name, entry in connection.fields.items()}
