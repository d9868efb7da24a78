"""The catalogue of connection errors, and finding them in whatever text surrounds them."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neonlint import explain_catalogue, explain_match, rulebook
from neonlint.errors import RuleError
from neonlint.explain_catalogue import Example, Explanation
from neonlint.explain_match import WIDEST_GAP, Phrase, decoded, folded, look
from neonlint.explain_models import read_checked

CATALOGUE = explain_catalogue.load()
EXAMPLES = [(one, example) for one in CATALOGUE.values() for example in one.examples]
HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"

#: What Neon's pages and sources say, and the explanation that has to answer it.
SAID = {
    "ERROR:  Endpoint ID is not specified. Either please upgrade the postgres client": "endpoint-id-not-specified",
    "Inconsistent project name inferred from SNI ('a') and project option ('b').": "endpoint-named-twice",
    "Project name ('a b') must contain only alphanumeric characters and hyphen.": "endpoint-name-malformed",
    "connection is insecure (try using `sslmode=require`)": "connection-insecure",
    "password authentication failed for user 'app'": "password-refused",
    "Couldn't connect to compute node": "compute-not-reached",
    f"P1001: Can't reach database server at `{HOST}`:`5432`": "prisma-unreachable",
    'prepared statement "s0" already exists': "prepared-statement-exists",
    "FATAL: 57P01: terminating connection due to administrator command": "terminated-by-administrator",
    "SSL SYSCALL error: EOF detected": "connection-lost",
    "SSL connection has been closed unexpectedly": "connection-lost",
    "unsupported startup parameter: jit": "startup-parameter-unsupported",
    "unsupported startup parameter in options: search_path": "startup-parameter-unsupported",
    "You have exceeded the limit of concurrently active endpoints": "active-endpoints-limit",
    "active endpoints limit exceeded": "active-endpoints-limit",
    "remaining connection slots are reserved for roles with the SUPERUSER attribute": "too-many-connections",
    "no more connections allowed (max_client_conn)": "pooler-clients-limit",
    "query_wait_timeout": "query-wait-timeout",
    'relation "orders" does not exist': "relation-missing",
    "(DBConnection.ConnectionError) ssl send: closed": "postgrex-closed",
    "terminating connection due to idle-in-transaction timeout": "idle-in-transaction",
    "getaddrinfo ENOTFOUND base": "host-not-found",
    f"** server can't find {HOST}: REFUSED": "host-not-found",
    "The request could not be authorized due to an internal error": "console-login",
    "Timed out fetching a new connection from the connection pool": "pool-exhausted",
    "TypeError: bufferUtil.mask is not a function": "websocket-mask",
    "This IP address 203.0.113.7 is not allowed to connect to this endpoint.": "ip-not-allowed",
    "This connection is trying to access this endpoint from a blocked network.": "network-blocked",
    "VPC endpoint ID is not specified.": "vpc-endpoint-refused",
    "This VPC endpoint id vpce-1 is not allowed to connect to this endpoint.": "vpc-endpoint-refused",
    "Too many connections to this endpoint. Please try again later.": "connection-rate-limit",
    "Failed to acquire permit to connect to the database": "wake-up-limit",
    "Control plane request failed: endpoint cannot be found": "endpoint-missing",
    "Control plane request failed: endpoint is disabled": "endpoint-missing",
    "Control plane request failed: endpoint is temporarily unavailable": "quota-exceeded",
    "Authentication timed out": "login-timed-out",
    "Disconnected due to inactivity after 2m.": "login-timed-out",
    '{"message":"missing database name"}': "http-connection-string",
    '{"message":"incorrect scheme"}': "http-connection-string",
    '{"message":"missing authentication credentials: required password"}': "http-connection-string",
    "request is too large (max is 10485760 bytes)": "http-too-large",
    "response is too large (max is 10485760 bytes)": "http-too-large",
    "No database host or connection string was set": "connection-string-missing",
    'root certificate file "/root/.postgresql/root.crt" does not exist': "root-certificate-missing",
    "Could not open SSL root certificate file /root/.postgresql/root.crt.": "root-certificate-missing",
    'weak sslmode "require" may not be used with sslrootcert=system': "weak-sslmode",
    'weak sslmode "prefer" may not be used with sslnegotiation=direct': "weak-sslmode",
    'invalid URI query parameter: "pgbouncer"': "connection-parameter-unknown",
    'invalid connection option "pgbouncer"': "connection-parameter-unknown",
    "connect() got an unexpected keyword argument 'sslmode'": "libpq-parameter-in-asyncpg",
    "connect() got an unexpected keyword argument 'channel_binding'": "libpq-parameter-in-asyncpg",
    "Couldn't set sslmode (Parameter 'sslmode')": "npgsql-keyword",
    "Keyword not supported: 'sslmode'.": "npgsql-keyword",
    "Can't load plugin: sqlalchemy.dialects:postgres": "sqlalchemy-dialect-missing",
    "Pooling doesn't support persistent connections.": "django-pool-refused",
    'sql: unknown driver "postgres" (forgotten import?)': "go-unknown-driver",
}
#: Messages and codes that people search for, beyond those.
SAID |= {
    "Error: connect ECONNREFUSED 127.0.0.1:5432": "connection-refused",
    "Error: connect ETIMEDOUT 3.18.6.96:5432": "connect-timeout",
    "Error: write CONNECT_TIMEOUT h:5432": "connect-timeout",
    "getaddrinfo EAI_AGAIN h": "host-not-found",
    "Error: self-signed certificate in certificate chain": "certificate-not-trusted",
    "unable to get local issuer certificate": "certificate-not-trusted",
    "SSL is not enabled on the server": "server-without-tls",
    'no pg_hba.conf entry for host "1.2.3.4"': "no-pg-hba-entry",
    "channel binding required, but SSL not in use": "channel-binding-failed",
    "SCRAM authentication requires libpq version 10 or above": "scram-unsupported",
    "Connection terminated unexpectedly": "connection-lost",
    "SQLSTATE[08006]": "connection-lost",
    "code: '08P01'": "protocol-violation",
    "sorry, too many clients already": "too-many-connections",
    'FATAL: role "app" does not exist': "role-missing",
    'FATAL: database "app" does not exist': "database-missing",
    "cached plan must not change result type": "cached-plan-changed",
    "Warning: SECURITY WARNING: The SSL modes 'prefer', 'require', and 'verify-ca' are": "pg-sslmode-warning",
    "This function can now be called only as a tagged-template function": "http-function-call",
    "Error: P1000": "password-refused",
    "Error: P1002": "migration-lock",
    "Error code: P1012": "prisma-schema-refused",
    "Error: P1017": "connection-lost",
    "code: 'P2024'": "pool-exhausted",
    "Error: P3005": "prisma-not-empty",
    "Error: P3014": "prisma-shadow-database",
    "Error connecting to database: fetch failed": "http-fetch-failed",
    "You have exceeded the compute time quota": "quota-exceeded",
    'database "app" is being accessed by other users': "database-in-use",
}


def names(*texts: str) -> list[str]:
    return [seen.explanation.name for seen in look(texts, CATALOGUE.values())]


# --- the catalogue ---


def test_the_catalogue_is_sound() -> None:
    codes = {rule.code for rule in rulebook.load().rules}
    checked = read_checked(explain_catalogue.folder(), codes)
    assert {one.name: one for one in checked} == CATALOGUE
    assert not CATALOGUE.keys() & {rule.name for rule in rulebook.load().rules}


@pytest.mark.parametrize(("one", "example"), EXAMPLES, ids=[f"{one.name}: {ex.by}" for one, ex in EXAMPLES])
def test_an_example_is_recognised_as_what_it_says(one: Explanation, example: Example) -> None:
    assert sorted(names(example.log)) == sorted([one.name, *example.also])


@pytest.mark.parametrize(
    ("one", "text"),
    [(one, text) for one in CATALOGUE.values() for text in one.unlike],
    ids=lambda value: str(value)[:40],
)
def test_what_looks_similar_is_another(one: Explanation, text: str) -> None:
    assert one.name not in names(text)


@pytest.mark.parametrize("one", CATALOGUE.values(), ids=lambda one: one.name)
def test_each_phrase_is_found_by_itself(one: Explanation) -> None:
    for phrase in one.match:
        assert one.name in names(phrase.replace("…", "x")), phrase


@pytest.mark.parametrize(("text", "name"), SAID.items())
def test_what_neon_and_drivers_say_has_an_answer(text: str, name: str) -> None:
    assert name in names(text)


SOUND = """
name = "a-b"
title = "T"
match = ["one two"]
meaning = "M"
references = ["https://neon.com/docs"]
[[cause]]
text = "C"
fix = "F"
rules = ["NL101"]
[[example]]
by = "x"
log = "one two"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "a-b"', 'name = "b-a"', "a-b.toml: name: "),
        ('["one two"]', "[]", "match: "),
        ('["one two"]', '["…two words"]', "ends in a gap"),
        ('["one two"]', '["53300"]', "by chance"),
        ('["one two"]', '["a … b"]', "by chance"),
        ('["one two"]', '["first … second … third"]', "two gaps"),
        ("NL101", "NL001", 'no rule has the code "NL001"'),
        ("https://neon.com/docs", "https://example.com", "Neon's page first"),
        ('by = "x"', 'by = "x"\nalso = ["nobody"]', 'no explanation is named "nobody"'),
        ('title = "T"', 'title = "T"\ntitel = "T"', "titel: "),
    ],
)
def test_a_faulty_file_is_refused_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SOUND
    (tmp_path / "a-b.toml").write_text(SOUND.replace(old, new))
    with pytest.raises(RuleError, match=r"explanations/a-b\.toml: ") as raised:
        read_checked(tmp_path, {"NL101"})
    assert said in str(raised.value)


def test_a_phrase_belongs_to_one_explanation(tmp_path: Path) -> None:
    (tmp_path / "a-b.toml").write_text(SOUND)
    (tmp_path / "c-d.toml").write_text(SOUND.replace('"a-b"', '"c-d"').replace('["one two"]', "['ONE  two']"))
    with pytest.raises(RuleError, match="is a phrase of a-b already"):
        read_checked(tmp_path, {"NL101"})


# --- phrases ---


@pytest.mark.parametrize(
    ("phrase", "text", "held"),
    [
        ("role '…' does not exist", 'FATAL:  Role "app" does  not\nexist', True),
        ("role '…' does not exist", r"{\"m\":\"role \\\"app\\\" does not exist\"}", True),
        ("role '…' does not exist", "role `app` does not exist", True),
        ("role '…' does not exist", "role \\u0022app\\u0022 does not exist", True),
        ("role '…' does not exist", "role &quot;app&quot; does not exist", True),
        ("role '…' does not exist", "role “app” does not exist", True),
        ("role '…' does not exist", "\x1b[31mrole\x1b[0m \x1b[1m'app'\x1b[0m does not exist", True),
        ("role '…' does not exist", "\\u001b[31mrole 'app'\\u001b[0m does not exist", True),
        ("role '…' does not exist", "role 'app' of 'x' does not exist", False),
        ("role '…' does not exist", f"role '{'x' * (WIDEST_GAP + 1)}' does not exist", False),
        ("role '…' does not exist", "parole 'app' does not exist", False),
        ("P1001", "HTTP1001 P10012 XP1001", False),
        ("P1001", "(P1001)", True),
        ("timeout expired", "timeout\\nexpired", True),
        ("QueuePool limit of size … reached", "QueuePool limit of size 5 overflow 10 reached", True),
    ],
)
def test_what_a_phrase_takes(phrase: str, text: str, held: bool) -> None:
    assert any(Phrase(phrase).spans(folded(text))) is held


def test_a_longer_phrase_hides_the_ones_inside_it() -> None:
    assert names("certificate verify failed: Hostname mismatch") == ["certificate-name-mismatch"]
    assert names("certificate verify failed: unable to get local issuer") == ["certificate-not-trusted"]


# --- whole texts ---

LOG = f"""\
2026-03-01T09:59:58Z web-1  | listening on 3000
2026-03-01T10:00:01Z web-1  | \x1b[31mError: P1001: Can't reach database server at `{HOST}`:`5432`\x1b[0m
2026-03-01T10:00:01Z web-1  |   errorCode: 'P1001'
{json.dumps({"level": 50, "err": {"message": 'password authentication failed for user "app"', "code": "28P01"}})}
Traceback (most recent call last):
  File "/app/db.py", line 3, in <module>
psycopg2.OperationalError: SSL SYSCALL error:
EOF detected
2026-03-01T10:05:01Z web-1  | Error: P1001: Can't reach database server at `{HOST}`:`5432`
"""


def test_a_log_with_three_errors() -> None:
    seen = [(one.explanation.name, one.row, one.times) for one in look([LOG], CATALOGUE.values())]
    assert seen == [("prisma-unreachable", 2, 2), ("password-refused", 4, 1), ("connection-lost", 7, 1)]


@given(st.lists(st.integers(0, len(LOG)), max_size=9))
def test_it_does_not_matter_how_a_text_arrives(cuts: list[int]) -> None:
    marks = [0, *sorted(cuts), len(LOG)]
    chunks = [LOG[a:b] for a, b in pairwise(marks)]
    assert look(chunks, CATALOGUE.values()) == look([LOG], CATALOGUE.values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_bytes_of_any_encoding_that_shells_write(encoding: str) -> None:
    data = ("\ufeff" if encoding == "utf-16-be" else "") + LOG.replace("\n", "\r\n")
    seen = look(decoded(io.BytesIO(data.encode(encoding))), CATALOGUE.values())
    assert [(one.explanation.name, one.row) for one in seen][1:] == [("password-refused", 4), ("connection-lost", 7)]


def test_bytes_that_are_no_text_do_no_harm() -> None:
    data = random.Random(5).randbytes(100_000) + b"\xff\xfe role 'app' does not exist \x00"
    assert "role-missing" in [one.explanation.name for one in look(decoded(io.BytesIO(data)), CATALOGUE.values())]


NOISE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="…"), max_size=60)
BEFORE = st.sampled_from(
    ["", "2026-03-01T10:00:00.123Z ", "web-1  | ", "[error] ", '{"msg":"', "\x1b[31m", "E           ", "\t", "> "]
)


@given(st.sampled_from(EXAMPLES), NOISE, BEFORE, NOISE)
def test_an_example_is_recognised_in_any_surroundings(
    case: tuple[Explanation, Example], before: str, prefix: str, after: str
) -> None:
    one, example = case
    assert one.name in names(f"{before}\n{prefix}{example.log}\n{after}")


@given(st.sampled_from(EXAMPLES), st.integers(1, 3))
def test_an_example_is_recognised_inside_json(case: tuple[Explanation, Example], depth: int) -> None:
    one, example = case
    text = example.log
    for _ in range(depth):
        text = json.dumps({"message": text})
    assert one.name in names(text)


@given(st.sampled_from(EXAMPLES), st.integers(20, 100))
def test_an_example_is_recognised_wrapped(case: tuple[Explanation, Example], width: int) -> None:
    """As `fold -s` and log viewers break lines: at blanks."""
    one, example = case
    lines: list[str] = []
    line = ""
    for word in example.log.split(" "):
        if len(line) + len(word) > width:
            lines, line = [*lines, line], ""
        line += word + " "
    assert one.name in names("\n    ".join([*lines, line]))


@given(st.text(max_size=2000))
def test_random_text_holds_nothing(text: str) -> None:
    assert names(text) == []


@given(st.integers(0, 3000), st.sampled_from(["\n", " ", "\\", "'", "x"]))
def test_where_a_window_ends_makes_no_difference(shift: int, filler: str) -> None:
    """The error straddles the end of a window, of a piece of a long line, or of neither."""
    with pytest.MonkeyPatch.context() as small:
        small.setattr(explain_match, "_CHUNK", 2048)
        small.setattr(explain_match, "_WINDOW", 4096)
        for size in (2048, 4096, 3 * 4096):
            text = filler * max(0, size - shift) + "\nFATAL: role 'app' does not exist\n" + "y" * 3000
            seen = look([text], CATALOGUE.values())
            assert [(one.explanation.name, one.row, one.times) for one in seen] == [
                ("role-missing", text.split("FATAL")[0].count("\n") + 1, 1)
            ]


def test_each_sighting_counts_once_and_knows_its_line() -> None:
    """Over many windows, with lines of very different lengths."""
    pick = random.Random(3)
    lines = ["z" * pick.choice([0, 5, 80, 900, 40_000]) for _ in range(400)]
    places = sorted(pick.sample(range(400), 60))
    for place in places:
        lines[place] += " connection reset by peer "
    (seen,) = look(chunked("\n".join(lines)), CATALOGUE.values())
    assert (seen.row, seen.times) == (places[0] + 1, 60)


def chunked(text: str) -> Iterator[str]:
    return (text[at : at + 65_536] for at in range(0, len(text), 65_536))


@pytest.mark.parametrize("unit", ["\\", "'", "role '", "\x1b[", "\x1b]", "&", "dial tcp: lookup ", "database '… "])
def test_hostile_text_takes_linear_time(unit: str) -> None:
    """A megabyte each; anything quadratic would not end before the suite's patience does."""
    assert names(unit * (1_000_000 // len(unit))) == []
