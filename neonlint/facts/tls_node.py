"""What JavaScript drivers end up with: whether TLS is used and the certificate checked, by connection string, by code
and by environment, in the order in which each driver reads them (`tests/node`).

Answers are in libpq's words by what they do, not by how they are written: node-postgres checks the certificate with
`sslmode=require`, so that is `verify-full` here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from neonlint.dialects.fields import MODES
from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.drivers_node import OWN_TLS, Way, is_node, way
from neonlint.facts.environment import from_environment
from neonlint.facts.reading import component, text_of
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Document, Items, Ref, Scalar, Table, Unknown, Value
from neonlint.link import Project, Resolved
from neonlint.regex import regex

#: Parameters that make node-postgres throw the `ssl` object of the code away (pg-connection-string, `parse`).
PG_TLS_PARAMS = ("sslmode", "ssl", "sslcert", "sslkey", "sslrootcert")
_OWN = Unseen("Neon's serverless driver brings TLS of its own")
#: Modes with which postgres.js encrypts and checks nothing.
POSTGRES_JS_LAX = ("require", "allow", "prefer")
#: Libraries that bring a parser of connection strings which does not know `uselibpqcompat`; Directus stands on Knex.
_OLD_PARSER = ("knex", "directus")
_PRODUCTION = regex(rb"prod", re.IGNORECASE)
_SOMEWHERE_ELSE = regex(rb"local|127\.0\.0\.1|\bdev|\btest|\bci\b|docker", re.IGNORECASE)


def mode(found: list[tuple[Client, Resolved]], connection: Connection, project: Project) -> Answer | None:
    """The TLS mode of a connection that only JavaScript opens, by its clients, which must agree; None where something
    else opens it too or nothing is seen to. Neon's serverless driver has no say where another client is there."""
    if not found or not all(is_node(client) for client, _ in found):
        return None
    ways = [(client, reached, way(client, project)) for client, reached in found]
    rest = [(c, r, w) for c, r, w in ways if isinstance(w, Unseen) or w.driver not in OWN_TLS]
    if not rest:
        return _OWN
    answers = [w if isinstance(w, Unseen) else _mode_of(c, r, w, connection, project) for c, r, w in rest]
    if (unseen := next((a for a in answers if isinstance(a, Unseen)), None)) is not None:
        return unseen
    same = all(isinstance(a, Known) and isinstance(answers[0], Known) and a.value == answers[0].value for a in answers)
    return answers[0] if same else Unseen("the clients that open it set TLS differently")


def _mode_of(client: Client, reached: Resolved, how: Way, connection: Connection, project: Project) -> Answer:
    if reached.transformed:
        return Unseen("the code changes the URL before it is used")
    in_code = _as_mode(given(client, project), client, how)
    if how.driver == "prisma-engine":
        return _of_prisma(connection, project)
    if how.driver == "postgres.js" or how.via == "slonik":
        return _first(in_code, lambda: _in_url(how, client, connection, project))
    if how.via == "mikro-orm":  # `clientUrl` is taken apart and its parameters are dropped
        return _first(in_code, lambda: Known(None))
    if how.driver == "pgtyped":  # `dbUrl` is taken apart and its parameters are dropped
        return in_code
    if how.driver == "pg":
        in_url = _in_url(how, client, connection, project)
        if not isinstance(in_url, Known) or in_url.value is not None:
            return in_url
        return _first(in_code, lambda: _pg_environment(connection, project))
    return Unseen(f"what {how.driver} does about TLS is not known")


def _first(answer: Answer, otherwise: object) -> Answer:
    if isinstance(answer, Unseen) or answer.value is not None:
        return answer
    assert callable(otherwise)
    result: Answer = otherwise()
    return result


def _in_url(how: Way, client: Client, connection: Connection, project: Project) -> Answer:
    """What the parameters of a connection string make of TLS; a known `None` where there are none of it."""
    if connection.view is None:
        return Known(None)
    written = component(connection, "params.sslmode", project)
    short = component(connection, "params.ssl", project)
    root = component(connection, "params.sslrootcert", project)
    for answer in (written, short, root):
        if isinstance(answer, Unseen):
            return answer
    assert isinstance(written, Known) and isinstance(short, Known) and isinstance(root, Known)
    if how.via == "slonik":
        words = {"disable": "disable", "no-verify": "no-verify", "require": "verify-full", None: None}
        word = written.value
        return Known(words[word], written.because) if word in words else Unseen("slonik does not know this mode")
    if how.driver == "postgres.js":
        return _postgres_js_url(written, short, root)
    return _pg_url(written, short, root, client, connection, project)


def _postgres_js_url(written: Known, short: Known, root: Known) -> Answer:
    if root.value == "system":
        return Known("verify-full", (Reason("postgres.js takes `sslrootcert=system` for `verify-full`"),))
    word = written if written.value is not None else short
    if word.value is None:
        return Known(None)
    if word.value == "false":
        return Known("disable", word.because)
    return Known(_postgres_js_word(str(word.value)), word.because)


def _postgres_js_word(word: str) -> str:
    """A mode as postgres.js takes it: every word that it has no meaning of its own for is a truthy value."""
    if word in ("disable", *POSTGRES_JS_LAX):
        return word
    return word if word not in (*MODES, "no-verify", "true", "1") else "verify-full"


def _pg_url(
    written: Known, short: Known, root: Known, client: Client, connection: Connection, project: Project
) -> Answer:
    word = written.value
    if word in (None, ""):
        return _pg_short(short, root, connection, project)
    if word in ("disable", "no-verify") or word not in MODES:
        return Known(word, written.because)
    compatible = component(connection, "params.uselibpqcompat", project)
    if isinstance(compatible, Unseen):
        return compatible
    newer = project.requirement("pg", client.document.path, "npm")
    if (compatible.value == "true" and client.library not in _OLD_PARSER) or (newer is not None and newer.at_least(9)):
        return Known(word, written.because)
    checks = Reason(f"node-postgres checks the certificate with `sslmode={word}`")
    return Known("verify-full", (*written.because, *(() if word == "verify-full" else (checks,))))


def _pg_short(short: Known, root: Known, connection: Connection, project: Project) -> Answer:
    if short.value in ("true", "1"):
        return Known("verify-full", (Reason("node-postgres checks the certificate with `ssl=true`"),))
    if short.value == "0":
        return Known("disable", short.because)
    if short.value == "no-verify":
        return Known("no-verify", short.because)
    if short.value is not None or root.value is not None:
        return Known("verify-full", (*short.because, *root.because))
    direct = component(connection, "params.sslnegotiation", project)
    if isinstance(direct, Known) and direct.value == "direct":
        return Unseen("`sslnegotiation=direct` asks for TLS from node-postgres 8.22 on")
    return Known(None)


def _pg_environment(connection: Connection, project: Project) -> Answer:
    """node-postgres looks at `PGSSLMODE` where nothing else says anything."""
    answer = (
        component(connection, "params.sslmode", project)
        if connection.family == "libpq-environment"
        else from_environment(connection, "PGSSLMODE", project)
    )
    if isinstance(answer, Unseen) or answer.value in (None, "disable", "no-verify"):
        return answer
    known = answer.value in ("prefer", "require", "verify-ca", "verify-full")
    return Known("verify-full" if known else None, answer.because)


def _of_prisma(connection: Connection, project: Project) -> Answer:
    """Prisma's engine knows three modes and takes every other word for `prefer`; with `require` it checks the
    certificate where `sslaccept` is there and not `accept_invalid_certs` (prisma-engines,
    `quaint/src/connector/postgres/url.rs`)."""
    strict = component(connection, "params.sslaccept", project)
    written = component(connection, "params.sslmode", project)
    if isinstance(strict, Unseen) or isinstance(written, Unseen):
        return strict if isinstance(strict, Unseen) else written
    if written.value == "require" and strict.value not in (None, "accept_invalid_certs"):
        return Known("verify-full", (Reason(f"`sslaccept={strict.value}` checks the certificate"),))
    if written.value in (None, "disable", "prefer", "require"):
        return written
    return Known("prefer", (Reason(f"Prisma's engine does not know `{written.value}`"),))


def _as_mode(answer: Answer, client: Client, how: Way) -> Answer:
    """A value of `tls.given` as a mode; a known `None` where code gives nothing."""
    if isinstance(answer, Unseen):
        return answer
    if answer.value == "mode":
        value = client.options.get("ssl")
        word = str(value.value) if isinstance(value, Scalar) else ""
        return Known(_postgres_js_word(word) if how.driver == "postgres.js" else "verify-full", answer.because)
    if answer.value == "unverified":
        return Unseen("TLS is set in code")  # and judged there
    words = {"verified": "verify-full", "false": "disable", "nothing": None}
    return Known(words[str(answer.value)], answer.because)


# --- what code gives ---


def given(client: Client, project: Project) -> Answer:
    """What the `ssl` option of a JavaScript client comes to, in the words of `tls.given`."""
    how = way(client, project)
    if isinstance(how, Way) and how.driver in OWN_TLS:
        return Known("nothing", (Reason("Neon's serverless driver brings TLS of its own"),))
    value = client.options.get("ssl")
    if value is None:
        return Unseen("options may be given that cannot be seen") if client.opaque else Known("nothing")
    if client.library == "drizzle-kit" and client.target is not None:
        return Known("nothing", (Reason("drizzle-kit drops `ssl` beside `url`"),))
    return meaning(value, client.document, project)


_DEPTH = 6


def meaning(value: Value, document: Document, project: Project, depth: int = 0) -> Answer:
    """What one value of `ssl` in a document comes to."""
    if isinstance(value, Ref):
        found = project.find(value, document.path)
        if found is None or found.value is None or isinstance(found.value, Ref) or depth > _DEPTH:
            return Unseen(f"`{value.name}` is defined elsewhere")
        value, document = found.value, project.documents.get(found.path, document)
    if isinstance(value, Table):
        return _object(value)
    if isinstance(value, Unknown) and isinstance(value.of, Items | Table) and depth <= _DEPTH:
        return _branches(value, document, project, depth)
    if isinstance(value, Scalar) and isinstance(value.value, bool):
        return Known("verified" if value.value else "false")
    if isinstance(value, Scalar) and value.value is None:
        return Known("nothing")
    answer = text_of(value, document.path, project)
    if isinstance(answer, Unseen):
        return answer
    return Known("mode", answer.because) if isinstance(answer.value, str) and answer.value else Unseen("no TLS value")


def _object(table: Table) -> Answer:
    """An object of TLS options: Node checks the certificate unless `rejectUnauthorized` is the literal `false`."""
    switch = table.get("rejectUnauthorized")
    if isinstance(switch, Scalar) and switch.value is False:
        return Known("unverified")
    if switch is None:
        if not table.complete:
            return Unseen("TLS options may be given that cannot be seen")
        by_code = table.get("checkServerIdentity") is not None
        return Unseen("the code checks the host itself") if by_code else Known("verified")
    return Known("verified") if isinstance(switch, Scalar) else Unseen("it is decided elsewhere what is checked")


def _branches(value: Unknown, document: Document, project: Project, depth: int) -> Answer:
    """A value that hangs on a condition: unverified if one branch is, and not the one for some other place."""
    assert value.of is not None
    held = value.of.values if isinstance(value.of, Items) else (value.of,)
    if len(held) == 1 and held[0].span.start == value.span.start:
        return Unseen("what stands behind it may take its place")
    answers = [meaning(branch, document, project, depth + 1) for branch in held]
    lax = next((n for n, a in enumerate(answers) if isinstance(a, Known) and a.value == "unverified"), None)
    if lax is None:
        words = {a.value for a in answers if isinstance(a, Known)}
        same = len(held) > 1 and len(words) == 1 and all(isinstance(a, Known) for a in answers)
        return answers[0] if same else Unseen("the TLS value hangs on a condition")
    if for_elsewhere(value, held, lax, document):
        return Unseen("the TLS value hangs on where the code runs")
    return Known("unverified", (Reason("one of the values that it may have checks nothing"),))


_LOOK_BACK = 300
#: What stands before a value that is the second branch of a condition.
_FIRST_BRANCH = regex(rb"\?.*(?:[})\]]|undefined|null|true|false)\s*:", re.DOTALL)


def for_elsewhere(value: Unknown, held: Sequence[Value], at: int, document: Document) -> bool:
    """Whether the branch `at` of a value that hangs on a condition is the one for development or tests."""
    start = held[0].span.start
    condition = document.data[value.span.start : start]
    if len(held) == 1 and b"&&" not in condition:  # in an object that is spread on a condition
        before = document.data[max(start - _LOOK_BACK, 0) : start]
        condition = before[max(before.rfind(b"..."), 0) :]
        at = 1 if _FIRST_BRANCH.search(condition) else 0
    positive = b"!=" not in condition and not condition.lstrip().startswith(b"!")
    if _PRODUCTION.search(condition) is not None and (at == 1) == positive:
        return True
    return _SOMEWHERE_ELSE.search(condition) is not None and (at == 0) == positive


#: Keys of Node's TLS options that hold what verification needs, beside those that say whether it happens.
_KEPT_KEYS = frozenset({"rejectUnauthorized", "require", "sslmode", "mode"})
#: Keys that people write into the object although they belong into a connection string.
_MISPLACED_KEYS = ("sslmode", "sslMode", "mode", "require", "channel_binding")


def replaceable(client: Client) -> bool:
    """Whether the TLS value can be replaced as a whole: it is written here and says nothing else of use."""
    value = client.options.get("ssl")
    if isinstance(value, Table):
        if client.document.format not in ("javascript", "prisma"):
            return False  # in data an option is an entry, or a variable, of its own
        return value.complete and all(entry.key in _KEPT_KEYS for entry in value.entries)
    return value is None or isinstance(value, Scalar)


def misplaced_key(client: Client, project: Project) -> Answer:
    """A key in the object of TLS options that Node does not know, None where there is none."""
    value = client.options.get("ssl")
    if not isinstance(value, Table):
        return Known(None)
    return Known(next((name for name in _MISPLACED_KEYS if value.get(name) is not None), None))


def overridden(client: Client, project: Project) -> Answer:
    """Whether node-postgres is seen to throw the `ssl` of the code away, because the connection string has TLS
    parameters of its own."""
    how = way(client, project)
    if isinstance(how, Unseen) or how.driver != "pg" or how.via is not None or client.options.get("ssl") is None:
        return Known(False)
    reached = project.reached_by(client)
    if reached.transformed or not reached.connections:
        return Known(False)
    has_params = all(_has_tls_params(connection, project) for connection in reached.connections)
    return Known(has_params, reached.because if has_params else ())


def effective(client: Client, project: Project) -> Answer:
    """What a JavaScript client makes of TLS on the connections that it opens, as a mode of libpq."""
    how, reached = way(client, project), project.reached_by(client)
    if isinstance(how, Unseen):
        return how
    answers = [_mode_of(client, reached, how, connection, project) for connection in reached.connections]
    if not answers:
        return Unseen("the connection that it opens is not seen")
    known = {answer.value for answer in answers if isinstance(answer, Known)}
    if len(known) != 1 or any(isinstance(answer, Unseen) for answer in answers):
        return Unseen("the connections that it opens differ")
    return answers[0]


def _has_tls_params(connection: Connection, project: Project) -> bool:
    params = [component(connection, f"params.{name}", project) for name in PG_TLS_PARAMS]
    return connection.view is not None and any(isinstance(a, Known) and a.value is not None for a in params)
