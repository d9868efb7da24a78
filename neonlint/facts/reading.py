"""Reading a connection's components through holes, environment names and imports. Everything else in `facts` stands
on this."""

from __future__ import annotations

from typing import NamedTuple

from neonlint.dialects.fields import FAMILIES
from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.ir.endpoint import Endpoint
from neonlint.ir.endpoint import parse as parse_host
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection
from neonlint.ir.source import EnvRef, Ref, Scalar, Value, has_hole, hole_indexes
from neonlint.link import Project

_DEPTH = 6


def text_of(value: Value, path: str, project: Project, depth: int = 0) -> Answer:
    """The text that a value comes to at run time, as far as the project says: the definitions of an environment name
    must agree."""
    if depth > _DEPTH:
        return Unseen("the value is passed on too often to follow")
    if isinstance(value, Scalar):
        return _scalar(value, path, project, depth)
    if isinstance(value, EnvRef):
        return _environment(value, path, project, depth)
    if isinstance(value, Ref):
        followed, because, where = project.follow(value, path)
        if followed is None:
            return Unseen(f"`{value.name}` is defined elsewhere")
        return _with(text_of(followed, where, project, depth + 1), because)
    return Unseen(getattr(value, "why", "the value is computed"))


def _scalar(value: Scalar, path: str, project: Project, depth: int) -> Answer:
    text = value.value if value.slot is None else value.slot.text
    if not isinstance(text, str) or not has_hole(text):
        return Known(text)
    if value.slot is not None and len(text) == 1 and (held := hole_indexes(text)):
        return text_of(value.slot.holes[held[0]], path, project, depth + 1)
    return Unseen("part of the value comes from elsewhere")


def _environment(ref: EnvRef, path: str, project: Project, depth: int) -> Answer:
    if ref.transformed:
        return Unseen(f"`{ref.name}` is changed by the code before it is used")
    found: list[Known] = []
    for definition in project.definitions_of(ref.name, path):
        answer = text_of(definition.entry.value, definition.document.path, project, depth + 1)
        if isinstance(answer, Known):
            found.append(Known(answer.value, (*answer.because, project.reason_of(definition, ref.name))))
    if found:
        return found[0] if all(f.value == found[0].value for f in found) else Unseen(f"`{ref.name}` has several values")
    if (assumed := project.config.assume.get(ref.name)) is not None:
        return Known(assumed, (Reason(f"the configuration says that `{ref.name}` is set on the platform"),))
    if ref.default is None:
        return Unseen(f"`{ref.name}` is not defined in this project")
    default = text_of(ref.default, path, project, depth + 1)
    return _with(default, (Reason(f"`{ref.name}` is taken to have its default value", inferred=True),))


def _with(answer: Answer, because: tuple[Reason, ...]) -> Answer:
    return Known(answer.value, answer.because + because) if isinstance(answer, Known) else answer


def component(connection: Connection, name: str, project: Project) -> Answer:
    """A component of a connection: its text, a known `None` where it is absent, or why it cannot be seen."""
    if connection.view is not None:
        return _from_view(connection, name, project)
    entry = connection.fields.get(name)
    if entry is not None:
        return text_of(entry.value, connection.document.path, project)
    family = FAMILIES.get(connection.family)
    assert connection.table is not None
    if connection.family == "secret" or not connection.table.complete:
        return Unseen("other fields may be given elsewhere")
    if name.startswith("params.") and (family is None or not family.speaks_libpq):
        return Unseen("the program decides this parameter")
    if connection.family == "libpq-environment" and name.startswith("params."):
        return _assumed(name, project)
    return Known(None)


def _assumed(name: str, project: Project) -> Answer:
    from neonlint.dialects.fields import PG_PARAMS  # noqa: PLC0415 - needed only here

    variable = PG_PARAMS.get(name.removeprefix("params."), "")
    if (value := project.config.assume.get(variable)) is not None:
        return Known(value, (Reason(f"the configuration says that `{variable}` is set on the platform"),))
    return Known(None)


def _from_view(connection: Connection, name: str, project: Project) -> Answer:
    assert connection.view is not None and connection.slot is not None
    part = connection.view.part(name)
    if part is None:
        if "hosts" in connection.view.parts and name in ("host", "port"):
            return Unseen("the connection string names several hosts")
        if name.startswith("params.") and not connection.view.params_seen:
            return Unseen("the connection string may have parameters that cannot be seen")
        return Known(None)
    if part.seen:
        return Known(part.text)
    held = hole_indexes(part.text)
    if len(part.text) == 1 and held[0] < len(connection.slot.holes):
        return text_of(connection.slot.holes[held[0]], connection.document.path, project)
    return Unseen("part of the value comes from elsewhere")


class SeenEndpoint(NamedTuple):
    """An endpoint with what its host was read from."""

    endpoint: Endpoint
    because: tuple[Reason, ...] = ()


def endpoint_of(connection: Connection, project: Project) -> SeenEndpoint | Unseen:
    """What the host of a connection says; a host with holes still says what its literal rest proves."""
    return project.once("endpoint", connection, lambda: _endpoint_of(connection, project))


def _endpoint_of(connection: Connection, project: Project) -> SeenEndpoint | Unseen:
    answer = component(connection, "host", project)
    if isinstance(answer, Known):
        return SeenEndpoint(parse_host(str(answer.value or "")), answer.because)
    if connection.view is not None and (part := connection.view.part("host")) is not None:
        partly = parse_host(part.text)
        if partly.neon:
            return SeenEndpoint(partly)
    if (
        isinstance(entry := connection.fields.get("host"), object)
        and entry is not None
        and isinstance(entry.value, Scalar)
    ):
        slot = entry.value.slot
        if slot is not None and (partly := parse_host(slot.text)).neon:
            return SeenEndpoint(partly)
    return answer


def both(first: Answer, second: Answer) -> tuple[Reason, ...]:
    """The reasons of two known answers together."""
    return tuple(reason for answer in (first, second) if isinstance(answer, Known) for reason in answer.because)
