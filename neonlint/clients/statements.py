"""SQL whose effect lasts for a session, in the calls that run it; and calls that print a connection string."""

from __future__ import annotations

import re
from collections.abc import Iterator

from neonlint.clients import opening
from neonlint.dialects.names import is_connection_name
from neonlint.ir.model import Client, LogCall, Statement
from neonlint.ir.source import Call, Document, EnvRef, Ref, Scalar, Slot, Unknown, Value
from neonlint.regex import regex

_RUNNERS = {
    "execute",
    "executemany",
    "exec_driver_sql",
    "execute_async",
    "fetch",
    "fetchval",
    "fetchrow",
    "fetch_all",
    "fetch_one",
    "fetch_val",
    "execute_many",
    "execute_query",
    "execute_script",
    "execute_sql",
    "run",
    "scalar",
    "scalars",
    "iterate",
    "copy_expert",
    "execute_raw",
}
#: Libraries whose calls have the same names and run something else.
_FOREIGN = regex(
    r"(?:sqlite3|aiosqlite|duckdb|pymysql|mysql|MySQLdb|aiomysql|asyncmy|pyodbc|cx_Oracle|oracledb|snowflake|clickhouse\w*|redis|subprocess)\b"
)
#: Calls that are handed an engine and run statements on it.
_SESSIONS = {"Session", "AsyncSession", "sessionmaker", "async_sessionmaker", "scoped_session"}
_COMMENT = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
#: Parameters that PgBouncer keeps for each client itself, so that SET works through it (PgBouncer,
#: "track_extra_parameters").
_TRACKED = r"(?:client_encoding|datestyle|timezone|standard_conforming_strings|application_name)"
_FEATURES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, regex(pattern, re.IGNORECASE | re.DOTALL))
    for name, pattern in (
        ("listen", rf"^{_COMMENT}LISTEN\s+[\w\"*]"),
        (
            "set",
            rf"^{_COMMENT}SET\s+(?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b)(?:SESSION\s+)?(?!{_TRACKED}\b)"
            r"(?:ROLE\s+(?!NONE\b)[\w\"]|[a-z_][\w.]*\s*(?:=|\bTO\b))",
        ),
        ("reset", rf"^{_COMMENT}RESET\s+(?!{_TRACKED}\b)[a-z_]"),
        ("set_config", r"\bset_config\s*\(\s*'[^']*'\s*,[^()]*,\s*false\s*\)"),
        ("prepare", rf"^{_COMMENT}PREPARE\s+\w+\s*(?:\(|AS\b)"),
        ("deallocate", rf"^{_COMMENT}DEALLOCATE\s+(?!ALL\b)\w"),
        ("load", rf"^{_COMMENT}LOAD\s+'"),
        ("with-hold", r"\bDECLARE\s+\w+\s.*?\bCURSOR\s+WITH\s+HOLD\b"),
        ("advisory-lock", r"\bpg_(?:try_)?advisory_lock(?:_shared)?\s*\("),
        ("temp-table", rf"^{_COMMENT}CREATE\s+(?:LOCAL\s+)?TEMP(?:ORARY)?\s+TABLE\b(?!.*\bON\s+COMMIT\s+DROP\b)"),
    )
)

_PRINTERS = regex(
    r"(?:^print$|^pprint\.pprint$|^(?:logging|loguru\.logger|structlog\.get_logger\(\)|logging\.getLogger\(\)|\?|.*\blogger|.*\blog)"
    r"\.(?:debug|info|warning|warn|error|critical|exception|log|success|trace)$|^(?:click\.echo|typer\.echo|sys\.std(?:out|err)\.write|rich\.print)$"
    r"|^.*\.stdout\.write$|^app\.logger\.\w+$)"
)


def statements_of(document: Document, clients: tuple[Client, ...]) -> Iterator[Statement]:
    """Statements with a session-scoped meaning, each with the client of the same file that runs it where that is
    known."""
    openers = _Openers(document, clients)
    asyncpg = any(target.partition(".")[0] == "asyncpg" for target in document.imports.values())
    for call in document.calls:
        last = call.callee.rsplit(".", 1)[-1]
        if last == "add_listener":
            if "asyncpg" in call.callee or (asyncpg and call.callee.startswith("?")):
                yield Statement(document, "listen", "", call.name_span, call, openers.of(call))
            continue
        if last in ("execute", "executemany") and (prepare := call.keywords.entry("prepare")) is not None:
            yield Statement(document, "prepare-argument", "", prepare.span, call, openers.of(call))
        slot = _sql(call)
        if slot is None:
            continue
        if (feature := feature_of(slot.text)) is not None:
            yield Statement(document, feature, slot.text, slot.span, call, openers.of(call))


def feature_of(sql: str) -> str | None:
    """What in a text of SQL lasts for a session, None where nothing does."""
    feature = next((name for name, pattern in _FEATURES if pattern.search(sql)), None)
    if feature == "advisory-lock" and re.search(r"\bpg_advisory_unlock", sql, re.IGNORECASE):
        return None  # taken and given back within one batch: one server connection sees both
    return feature


def _sql(call: Call) -> Slot | None:
    if call.callee.rsplit(".", 1)[-1] not in _RUNNERS or "." not in call.callee or _FOREIGN.match(call.callee):
        return None
    first = call.argument(0, "query", "sql", "statement")
    if isinstance(first, Call) and first.callee.rsplit(".", 1)[-1] in ("text", "SQL"):
        first = first.argument(0)
    return first.slot if isinstance(first, Scalar) else None


class _Openers:
    """Which client of a document runs a call: by the values the call is made on, else by its only client."""

    def __init__(self, document: Document, clients: tuple[Client, ...]) -> None:
        self._by_span = {c.call.span: c for c in clients if c.call is not None}
        self._makers = [c for c in document.calls if c.callee.rsplit(".", 1)[-1] in _SESSIONS]
        self._only = (
            next(iter(clients)) if len(clients) == 1 and clients[0].kind not in ("settings", "migrations") else None
        )

    def of(self, call: Call) -> Client | None:
        """The client, None where that cannot be told."""
        value: Value | None = call.receiver
        for _ in range(12):
            if not isinstance(value, Call):
                break
            if value.span in self._by_span:
                return self._by_span[value.span]
            value = self._behind(value)
        known = [
            c for c in self._by_span.values() if c.call is not None and call.callee.startswith(c.call.callee + "()")
        ]
        if known:
            return known[0] if len(known) == 1 else None
        return self._only

    def _behind(self, call: Call) -> Value | None:
        """What a call stands on: the engine that a session is bound to, else the value that a method is called on."""
        if call.callee.rsplit(".", 1)[-1] in _SESSIONS:
            return call.argument(0, "bind")
        if call.receiver is None and call.callee.endswith("()"):
            made = [maker for maker in self._makers if maker.callee + "()" == call.callee]
            return made[0].argument(0, "bind") if len(made) == 1 else None
        return call.receiver


#: Functions whose result says nothing about the text given to them.
_TELLS_NOTHING = {"bool", "len", "type", "id", "hash", "isinstance"}
_ERROR = regex(r"(?:^|\.)[A-Z]\w*(?:Error|Exception)$")


def logs_of(document: Document) -> Iterator[LogCall]:
    """Calls that print or log a connection string or a database password, and errors that carry one."""
    quiet = [call.span for call in document.calls if call.callee in _TELLS_NOTHING]
    for call in document.calls:
        if not (_PRINTERS.match(call.callee) or _ERROR.search(call.callee)) or opening(call.callee):
            continue
        if any(call.span.start <= span.start and span.end <= call.span.end for span in quiet) or _goes_to_a_file(call):
            continue
        name = next((n for value in call.args if (n := shown(value)) is not None), None)
        if name is not None:
            yield LogCall(document, call, name, call.name_span)


def _goes_to_a_file(call: Call) -> bool:
    """`print(…, file=handle)` writes a file; only the standard streams are a log."""
    target = call.keywords.get("file")
    return target is not None and not (isinstance(target, Ref) and target.name in ("sys.stderr", "sys.stdout"))


def shown(value: Value) -> str | None:
    """The name of the connection string that a printed value shows whole or in part, or None."""
    pending, seen = [value], set[int]()
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, EnvRef) and not one.transformed and is_connection_name(one.name):
            return one.name
        if isinstance(one, Ref) and is_connection_name(one.name):
            return one.name.rsplit(".", 1)[-1]
        if isinstance(one, Scalar) and one.slot is not None:
            pending += reversed(one.slot.holes)
        elif isinstance(one, Unknown) and one.of is not None:
            pending.append(one.of)
    return None
