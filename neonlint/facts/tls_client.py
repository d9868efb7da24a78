"""Facts about the TLS value that code gives to one client: a mode, a context, and what is done to it afterwards."""

from __future__ import annotations

import re

from neonlint.facts import drivers, drivers_node, tls_node
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.reading import component, endpoint_of, text_of
from neonlint.facts.roles import is_test
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Call, Document, Ref, Value
from neonlint.link import Project
from neonlint.regex import regex

_NEON_DOMAIN = regex(r"\.neon\.(?:tech|build)$")
GIVEN = ("nothing", "mode", "true", "false", "verified", "unverified")
#: `SSLContext` without a protocol, or with these, verifies nothing until told to (Python documentation of `ssl`).
_LAX_PROTOCOLS = ("PROTOCOL_TLS", "PROTOCOL_SSLv23", "PROTOCOL_TLSv1_2", "PROTOCOL_TLSv1_1", "PROTOCOL_TLSv1")


def given(client: Client, project: Project) -> Answer:
    """See the fact `tls.given`."""
    if drivers_node.is_node(client):
        return tls_node.given(client, project)
    value = drivers.given_tls(client)
    if "creator" in client.options or "async_creator" in client.options:
        return Unseen("the code opens the connections itself")
    if value is None:
        hidden = client.opaque or "*" in client.overrides
        return Unseen("options may be given that cannot be seen") if hidden else Known("nothing")
    if isinstance(value, Call):
        return _context(value, client.document)
    return _word(text_of(value, client.document.path, project))


def _word(answer: Answer) -> Answer:
    if isinstance(answer, Unseen):
        return answer
    if answer.value is None:
        return Known("nothing", answer.because)
    if isinstance(answer.value, bool):
        return Known("true" if answer.value else "false", answer.because)
    return Known("mode", answer.because) if isinstance(answer.value, str) else Unseen("the TLS value is no literal")


def _context(call: Call, document: Document) -> Answer:
    """What a context verifies, made by `call` and perhaps changed below by assignments to its attributes."""
    made = _as_made(call)
    changed = _as_changed(call, document) if call.assigned else None
    if made is None or changed == "unclear":
        return Unseen("what the TLS context verifies is decided elsewhere")
    return Known(changed or made)


def _as_made(call: Call) -> str | None:
    if call.callee == "ssl.create_default_context":
        return "verified"
    if call.callee == "ssl._create_unverified_context":
        return "unverified"
    if call.callee == "ssl.SSLContext":
        protocol = call.argument(0, "protocol")
        if protocol is None or (isinstance(protocol, Ref) and protocol.name.rsplit(".", 1)[-1] in _LAX_PROTOCOLS):
            return "unverified"
    return None


def _as_changed(call: Call, document: Document) -> str | None:
    """`unverified` where the lines below, in the same block, switch checks off; `unclear` where other lines may."""
    if document.format != "python":
        return "unclear"
    data = document.data
    start = data.rfind(b"\n", 0, call.span.start) + 1
    depth = _indent(data[start:].split(b"\n", 1)[0])
    name = re.escape((call.assigned or "").encode())
    off = regex(rb"\s*" + name + rb"\.(?:check_hostname\s*=\s*False|verify_mode\s*=\s*(?:[\w.]*\.)?CERT_NONE)\b")
    touched = regex(rb"\s*" + name + rb"(?:\.(?:check_hostname|verify_mode)\s*=|\s*=[^=])")
    found: str | None = None
    for line in data[call.span.end :].split(b"\n")[1:]:
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        if _indent(line) < depth and not line.lstrip().startswith((b")", b"]", b"}")):
            break
        if off.match(line):
            if _indent(line) > depth:
                return "unclear"
            found = "unverified"
        elif touched.match(line):
            return "unclear"
    return found


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))


def replaceable(client: Client, project: Project) -> Answer:
    """Whether the TLS value can be replaced as a whole: it is no context that other lines change, no object that says
    more."""
    if drivers_node.is_node(client):
        return Known(tls_node.replaceable(client))
    value: Value | None = drivers.given_tls(client)
    if not isinstance(value, Call):
        return Known(True)
    made = _as_made(value)
    return Known(value.assigned is None or (made == "unverified" and _as_changed(value, client.document) is None))


def keywords(client: Client, project: Project) -> Answer:
    """Whether the call spells the connection out in keywords of its own."""
    return Known(client.fields is not None)


def _effective(client: Client, project: Project) -> Answer:
    if not drivers_node.is_node(client):
        return Unseen("this is asked of JavaScript alone")
    return tls_node.effective(client, project)


def _overridden(client: Client, project: Project) -> Answer:
    return tls_node.overridden(client, project) if drivers_node.is_node(client) else Known(False)


def reaches_neon(client: Client, project: Project) -> Answer:
    """See the fact `reaches.neon`."""
    found = project.reached_by(client)
    if found.connections:
        seen = [endpoint_of(connection, project) for connection in found.connections]
        answers = {s.endpoint.neon for s in seen if not isinstance(s, Unseen)}
        if answers == {False} and any(_on_neon(connection, project) for connection in found.connections):
            because = Reason("the host that stands for the real one is in Neon's domain", inferred=True)
            return Known(True, (*found.because, because))
        if len(answers) == 1 and not any(isinstance(s, Unseen) for s in seen):
            return Known(answers.pop(), found.because)
        if answers:
            return Unseen("the connections that it opens differ")
    return _neon_around(client, project)


def _on_neon(connection: Connection, project: Project) -> bool:
    """Whether a host is in Neon's domain, if only a placeholder (`ep-xxx.us-east-2.aws.neon.tech`)."""
    host = component(connection, "host", project)
    return isinstance(host, Known) and _NEON_DOMAIN.search(str(host.value or "")) is not None


def _neon_around(client: Client, project: Project) -> Answer:
    """Where the connection is not seen: the Neon host that the package names, if it names one; for what a variable
    gives, its name or a README."""
    variable = project.reached_by(client).variable
    if variable is not None and "NEON" in variable.upper():
        return Known(True, (Reason(f"the name `{variable}` says Neon", inferred=True),))
    root = project.root_of(client.document.path)
    for extract in project.extracts:
        path = extract.document.path
        if is_test(path, project) or project.root_of(path) not in (root, ""):
            continue
        for connection in extract.connections:
            if _on_neon(connection, project):
                at = (extract.document, connection.key_span)
                return Known(True, (project.reason("the project names a Neon host in", *at, inferred=True),))
    if variable is not None and (readme := project.readme_on_neon(client.document.path)) is not None:
        why = project.reason("", *readme, " speaks of Neon and of no other host of databases", inferred=True)
        return Known(True, (why,))
    return Unseen("the connection that it opens is not seen")


TLS_CLIENT: tuple[FactSpec, ...] = (
    FactSpec(
        "tls.given",
        "enum",
        "What TLS value code gives to it: nothing, a mode, `True`, `False`, something that verifies or does not.",
        given,
        GIVEN,
    ),
    FactSpec("tls.replaceable", "bool", "Whether that value can be replaced as a whole.", replaceable),
    FactSpec(
        "tls.overridden",
        "bool",
        "Whether node-postgres is seen to throw that value away: the connection string has TLS parameters of its own.",
        _overridden,
    ),
    FactSpec(
        "tls.effective",
        "str",
        "What a JavaScript client makes of TLS on what it opens, as a mode of libpq.",
        _effective,
        optional=True,
    ),
    FactSpec(
        "tls.misplaced_key",
        "str",
        "A key in a JavaScript object of TLS options that Node does not know (`sslmode`, `require`).",
        tls_node.misplaced_key,
        optional=True,
    ),
    FactSpec("tls.keywords", "bool", "Whether the call spells the connection out in keywords.", keywords),
    FactSpec(
        "reaches.neon",
        "bool",
        "Whether it reaches Neon: by its connection, or (inferred) because the project names a Neon host.",
        reaches_neon,
    ),
)
