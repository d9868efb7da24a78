"""What is odd in a conversation with an editor: addresses, links, files that are not read, an end without a word."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pygls")

from editors import URL, Editor, talk
from lsprotocol import types as lsp

from neonlint import config
from neonlint.server_check import Checker


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "neonlint.toml").write_text("")
    return tmp_path


def opened(client: Editor, uri: str, text: str) -> str:
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "plaintext", 1, text)))
    return uri


def codes(found: list[lsp.Diagnostic]) -> set[object]:
    return {diagnostic.code for diagnostic in found}


@pytest.mark.parametrize(
    "odd", ["file:///a%00b/.env", "untitled:Untitled-1", "file:///no/such/directory/.env", "file:"]
)
def test_an_odd_address_stops_nothing(project: Path, odd: str) -> None:
    async def what(client: Editor) -> None:
        opened(client, odd, "A=1\n")
        uri = client.open(project / ".env", f"DATABASE_URL={URL}\n")
        assert "NL101" in codes(await client.of(uri))

    talk(project, what)


def test_a_file_that_is_open_under_two_names(project: Path) -> None:
    (project / "link").symlink_to(project)
    text = f"DATABASE_URL={URL}\n"

    async def what(client: Editor) -> None:
        one = client.open(project / ".env", text)
        assert "NL101" in codes(await client.of(one))
        other = client.open(project / "link" / ".env", text)
        assert "NL101" in codes(await client.of(one))
        assert "NL101" in codes(await client.of(other))

    talk(project, what)


@pytest.mark.parametrize(
    ("name", "text", "code", "row"),
    [
        ("big.env", "#\n" * 600_000, "too-large", 0),
        ("nul.env", f"DATABASE_URL={URL}\n\0", "binary", 0),
        ("app.py", f'import psycopg2\n\npsycopg2.connect("{URL}"\n', "not-parsed", 2),
    ],
)
def test_a_file_that_is_not_read_says_so(project: Path, name: str, text: str, code: str, row: int) -> None:
    async def what(client: Editor) -> None:
        found = await client.of(client.open(project / name, text))
        (told,) = [diagnostic for diagnostic in found if diagnostic.code == code]
        assert told.message.startswith("not checked: ")
        assert told.range.start.line == row

    talk(project, what)


def test_a_quick_fix_names_what_it_mends(project: Path) -> None:
    async def what(client: Editor) -> None:
        uri = client.open(project / ".env", f"DATABASE_URL={URL}\n")
        found = await client.of(uri)
        actions = await client.actions(uri, found[0].range, ["quickfix"])
        assert actions
        assert all(action.diagnostics and action.diagnostics[0] in found for action in actions)
        assert any("\n" in diagnostic.message for diagnostic in found), "what to do stands on a line of its own"

    talk(project, what)


def test_who_asks_at_once_is_answered(project: Path) -> None:
    """Before the pause is over behind which a document is checked by itself."""

    async def what(client: Editor) -> None:
        uri = client.open(project / ".env", f"DATABASE_URL={URL}\n")
        first = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 1))
        assert await client.actions(uri, first, ["quickfix"])
        client.change(uri, 2, f"A=1\nDATABASE_URL={URL}\n")
        assert not await client.actions(uri, first, ["quickfix"])
        below = lsp.Range(lsp.Position(1, 0), lsp.Position(1, 1))
        assert await client.actions(uri, below, ["quickfix"])

    talk(project, what)


def test_a_defect_of_ours_is_said_and_stays_with_its_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {}
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "neonlint.toml").write_text("")
        texts[str(tmp_path / name / ".env")] = f"DATABASE_URL={URL}\n"
    load = config.load

    def faulty(directory: Path) -> object:
        if directory.name == "bad":
            raise ValueError(URL)
        return load(directory)

    monkeypatch.setattr(config, "load", faulty)
    outcome = Checker().check(texts)
    assert list(outcome.documents) == [str(tmp_path / "good" / ".env")]
    (complaint,) = outcome.complaints
    assert complaint.startswith(f"{tmp_path / 'bad'}: ValueError at neonlint/server_check.py:")
    assert URL not in complaint


@pytest.mark.parametrize(("words", "status"), [(["shutdown", "exit"], 0), (["shutdown"], 0), (["exit"], 1), ([], 1)])
def test_how_it_ends(project: Path, words: list[str], status: int) -> None:
    """As the protocol says: 0 only where the editor asked for the end first."""
    messages = [{"id": 0, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}]
    messages += [{"method": word, **({"id": 1} if word == "shutdown" else {})} for word in words]
    bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
    data = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)
    done = subprocess.run(
        [sys.executable, "-m", "neonlint", "server"], cwd=project, input=data, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (status, b"")


def test_words_that_are_no_messages_stop_nothing(project: Path) -> None:
    async def what(client: Editor) -> None:
        assert client._server is not None
        assert client._server.stdin is not None
        for body in (b"{bad}", b"[]", b'{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"x":1}}'):
            client._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        await asyncio.sleep(0)
        uri = client.open(project / ".env", f"DATABASE_URL={URL}\n")
        assert "NL101" in codes(await client.of(uri))

    talk(project, what)
