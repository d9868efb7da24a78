"""SQL that lasts for a session, in the JavaScript calls that run it, and calls that print a connection string."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.clients import opening
from neonlint.clients.node_calls import stands_on
from neonlint.clients.statements import feature_of, shown
from neonlint.ir.model import Client, LogCall, Statement
from neonlint.ir.source import Call, Document, Items, Scalar, Slot, Table, Unknown, Value
from neonlint.regex import regex

#: Methods that run SQL, of pg and what is built like it, Prisma, Knex, Kysely, Sequelize, TypeORM, Drizzle and Bun.
_RUNNERS = frozenset(
    {
        "query", "queryArray", "queryObject", "raw", "execute", "executeRaw", "unsafe", "$executeRaw", "$queryRaw",
        "$executeRawUnsafe", "$queryRawUnsafe", "none", "any", "one", "many", "oneOrNone", "manyOrNone", "result",
    }
)  # fmt: skip
#: Packages whose calls have the same names and run something else.
_FOREIGN = regex(r"(?:mysql2?|better-sqlite3|sqlite3?|mongodb|redis|ioredis|@libsql/|@planetscale/|mssql|oracledb)\b")
#: Tags of templates that hold SQL, and those that only make it, for the call around it.
_TAGS = regex(r"^(?:.*(?:neon|postgres|SQL|sql)(?:\(\))?|.*\.\$(?:execute|query)Raw)$")
_MAKES_SQL = regex(r"^(?:drizzle-orm|@prisma/client|slonik|@vercel/postgres-kysely)\.(?:\w+\.)?sql$")
_PRINTERS = regex(
    r"^(?:console\.(?:log|info|warn|error|debug|trace|dir|table)|process\.std(?:out|err)\.write"
    r"|(?:.*\.)?(?:\w*[lL]ogger|log|pino|winston|consola)(?:\(\))?"
    r"\.(?:log|info|warn|error|debug|trace|fatal|verbose|success|silly))$"
)
#: What `neon(…)` returned, called.
_HTTP = "@neondatabase/serverless.neon()"
#: Drizzle over HTTP, and what is imported from files of the project (`@/lib/db.db.transaction`), which may be that.
_LOCAL_OR_HTTP = regex(r"^(?:drizzle-orm/neon-http\.drizzle\(\)|[.~#]|@/|\$lib/|@[\w-]+/).*\.transaction$")
_ERROR = regex(r"(?:^|\.)\w*(?:Error|Exception)$")
#: Functions whose result says nothing about the text given to them.
_TELLS_NOTHING = frozenset({"Boolean", "typeof"})
#: How many values of one printed object are looked at.
_LARGEST = 200


def statements_of(document: Document, clients: tuple[Client, ...]) -> Iterator[Statement]:
    """Statements with a session-scoped meaning, each with the client of the same file that runs it where that is
    known."""
    for call in document.calls:
        last = call.callee.rsplit(".", 1)[-1]
        client = _runner(call, clients)
        if _listens(call, last, client):
            yield Statement(document, "listen", "", call.name_span, call, client)
        elif call.callee == _HTTP and not call.tagged and _is_text(call):
            yield Statement(document, "http-function-call", "", call.name_span, call, client)
        elif last == "transaction" and _takes_function(call) and _LOCAL_OR_HTTP.match(call.callee):
            yield Statement(document, "transaction", "", call.name_span, call, client)
        elif (slot := _sql(call, last)) is not None and (feature := feature_of(slot.text)) is not None:
            yield Statement(document, feature, slot.text, slot.span, call, client)


def _is_text(call: Call) -> bool:
    """Whether a call is given SQL as a string."""
    first = call.args[0] if call.args else None
    return isinstance(first, Scalar) and isinstance(first.value, str)


def _takes_function(call: Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, Unknown) and first.why == "a function"


def _listens(call: Call, last: str, client: Client | None) -> bool:
    """postgres.js's `sql.listen('channel')`, and pg-listen's subscriber; servers listen too."""
    if last == "listen" and client is not None and client.call is not None and client.library == "postgres.js":
        return call.callee == f"{client.call.callee}().listen"
    return last == "listenTo" and call.callee.startswith("pg-listen")


def _sql(call: Call, last: str) -> Slot | None:
    if _FOREIGN.match(call.callee):
        return None
    if call.tagged:
        return _text(call) if _TAGS.match(call.callee) and not _MAKES_SQL.match(call.callee) else None
    return _text(call) if last in _RUNNERS and "." in call.callee else None


def _text(call: Call) -> Slot | None:
    """The SQL that a call is given: a string, `{ text: … }`, or a tagged template."""
    first = call.args[0] if call.args else None
    if isinstance(first, Table):
        first = first.get("text") or first.get("sql")
    if isinstance(first, Call) and first.tagged:
        first = first.args[0] if first.args else None
    return first.slot if isinstance(first, Scalar) else None


#: How names begin that are imported from other files of the project.
_ELSEWHERE = (".", "@/", "~/", "#", "$lib/")


def _runner(call: Call, clients: tuple[Client, ...]) -> Client | None:
    """The client on whose value a call is made, else the only one of the file."""
    opened = [c for c in clients if c.call is not None]
    value = call.receiver
    for _ in range(12):
        if not isinstance(value, Call):
            break
        found = next((c for c in opened if c.call is not None and c.call.span == value.span), None)
        if found is not None:
            return found
        value = stands_on(value) or value.receiver
    known = [c for c in opened if c.call is not None and call.callee.startswith(c.call.callee + "()")]
    if known:
        return known[0] if len(known) == 1 else None
    if call.callee.startswith(_ELSEWHERE):
        return None
    return opened[0] if len(opened) == 1 and len(clients) == 1 and clients[0].kind != "migrations" else None


def logs_of(document: Document) -> Iterator[LogCall]:
    """Calls that print or log a connection string or a database password, and errors that carry one."""
    quiet = [call.span for call in document.calls if call.callee in _TELLS_NOTHING]
    for call in document.calls:
        if not (_PRINTERS.match(call.callee) or (call.new and _ERROR.search(call.callee))) or opening(
            call.callee, "javascript"
        ):
            continue
        if any(call.span.start <= span.start and span.end <= call.span.end for span in quiet):
            continue
        name = next((n for value in call.args if (n := _shown_in(value, document)) is not None), None)
        if name is not None:
            yield LogCall(document, call, name, call.name_span)


def _shown_in(value: Value, document: Document) -> str | None:
    """The name of the connection string that a printed value shows, also in objects and lists: loggers write them out,
    but for what they are told to redact."""
    waiting, seen = [value], 0
    while waiting and seen < _LARGEST:
        value, seen = waiting.pop(), seen + 1
        if (name := shown(value)) is not None:
            return name
        if isinstance(value, Call) and value.callee == "JSON.stringify" and value.args:
            waiting.append(value.args[0])
        elif isinstance(value, Items):
            waiting += value.values
        elif isinstance(value, Table) and b"redact" not in document.data:
            waiting += [entry.value for entry in value.entries]
    return None
