"""The language server as a process, spoken to over its protocol by the client of pygls."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("pygls")

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from neonlint.server_text import Lines, Spot, splices

ROOT = Path(__file__).parent.parent
PASSWORD = "CanaryPw42"
URL = f"postgresql://app:{PASSWORD}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
SECURE = URL + "?sslmode=verify-full&sslrootcert=system&channel_binding=require"


class Editor(LanguageClient):
    """Remembers what the server says."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.found: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.messages: asyncio.Queue[lsp.ShowMessageParams] = asyncio.Queue()

        @self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def found(params: lsp.PublishDiagnosticsParams) -> None:
            self.found.put_nowait(params)

        @self.feature(lsp.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]
        def said(params: lsp.ShowMessageParams) -> None:
            self.messages.put_nowait(params)

    async def of(self, uri: str, version: int | None = None) -> list[lsp.Diagnostic]:
        """The next findings of a document (in that version)."""
        while True:
            params = await asyncio.wait_for(self.found.get(), 30)
            if params.uri == uri and (version is None or params.version == version):
                return list(params.diagnostics)

    def open(self, path: Path, text: str) -> str:
        uri = path.as_uri()
        item = lsp.TextDocumentItem(uri, "plaintext", 1, text)
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, version: int, text: str) -> None:
        document = lsp.VersionedTextDocumentIdentifier(version, uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    async def actions(self, uri: str, at: lsp.Range, only: list[str] | None = None) -> list[lsp.CodeAction]:
        context = lsp.CodeActionContext([], only=only)
        params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), at, context)
        found = await self.text_document_code_action_async(params)
        return [action for action in found or [] if isinstance(action, lsp.CodeAction)]


@asynccontextmanager
async def editor(root: Path, encodings: list[str] | None = None) -> AsyncIterator[Editor]:
    client = Editor()
    await client.start_io(sys.executable, "-m", "neonlint", "server", "--stdio")
    general = lsp.GeneralClientCapabilities(position_encodings=encodings)
    await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities(general=general), root_uri=root.as_uri()))
    client.initialized(lsp.InitializedParams())
    yield client
    await asyncio.wait_for(client.shutdown_async(None), 10)
    client.exit(None)
    assert client._server is not None
    assert await asyncio.wait_for(client._server.wait(), 10) == 0
    await client.stop()  # type: ignore[no-untyped-call]


def talk(root: Path, what: Callable[[Editor], Awaitable[None]], encodings: list[str] | None = None) -> None:
    async def whole() -> None:
        async with editor(root, encodings) as client:
            await what(client)

    asyncio.run(whole())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "neonlint.toml").write_text("")
    return tmp_path


def edited(text: str, action: lsp.CodeAction, uri: str) -> str:
    """The text as an editor makes the edits of an action, counting in UTF-16."""
    assert action.edit is not None
    assert action.edit.changes is not None
    starts = [0]
    for line in text.encode("utf-16-le").split("\n".encode("utf-16-le")):
        starts.append(starts[-1] + len(line) + 2)
    data = text.encode("utf-16-le")
    for edit in sorted(action.edit.changes[uri], key=lambda e: e.range.start, reverse=True):
        assert PASSWORD not in edit.new_text
        start, end = (starts[p.line] + 2 * p.character for p in (edit.range.start, edit.range.end))
        data = data[:start] + edit.new_text.encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")


def test_repairs_and_reasons(project: Path) -> None:
    text = f'# 🐘\r\nA="🐘"\r\nDATABASE_URL={URL}?application_name=🐘&sslmode=require\r\n'
    (project / "app.py").write_text(
        'import os\n\nimport psycopg2\n\nc = psycopg2.connect(os.environ["DATABASE_URL"])\n'
    )

    async def what(client: Editor) -> None:
        uri = client.open(project / ".env", text)
        found = await client.of(uri)
        assert found
        first = found[0]
        assert first.range.start == lsp.Position(2, 0)
        assert first.code_description is not None
        assert PASSWORD not in str(found)
        actions = await client.actions(uri, first.range)
        quick = [action for action in actions if action.kind == lsp.CodeActionKind.QuickFix]
        assert quick
        assert [bool(a.is_preferred) for a in quick] == ["unsafe" not in a.title for a in quick]
        (everything,) = await client.actions(uri, first.range, ["source.fixAll"])
        repaired = edited(text, everything, uri)
        assert "\r\nDATABASE_URL=postgresql://app:" + PASSWORD in repaired
        assert repaired.count("🐘") == 3
        client.change(uri, 2, repaired)
        assert len(await client.of(uri, 2)) < len(found)
        assert not await client.actions(uri, first.range, ["source.fixAll"])
        client.change(uri, 3, text)
        await client.of(uri, 3)
        params = lsp.HoverParams(lsp.TextDocumentIdentifier(uri), first.range.start)
        hover = await client.text_document_hover_async(params)
        assert hover is not None
        assert isinstance(hover.contents, lsp.MarkupContent)
        assert str(first.code) in hover.contents.value
        assert PASSWORD not in hover.contents.value
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))
        assert await client.of(uri) == []

    talk(project, what)
    assert not (project / ".env").exists()


def test_an_unsaved_env_file_is_read_by_the_program_beside_it(project: Path) -> None:
    app = 'import os\n\nimport psycopg2\n\nc = psycopg2.connect(os.environ["DATABASE_URL"])\nc.cursor().execute("LISTEN x")\n'
    (project / ".env").write_text(f"DATABASE_URL={SECURE}\n")
    (project / "app.py").write_text(app)
    pooled = SECURE.replace("a1b2c3d4.", "a1b2c3d4-pooler.")

    async def what(client: Editor) -> None:
        python = client.open(project / "app.py", app)
        before = {d.code for d in await client.of(python)}
        env = client.open(project / ".env", f"DATABASE_URL={SECURE}\n")
        assert {d.code for d in await client.of(python)} == before
        client.change(env, 2, f"DATABASE_URL={pooled}\n")
        assert "NL401" not in before
        assert "NL401" in {d.code for d in await client.of(python)}

    talk(project, what)


def test_a_wrong_configuration_is_said(project: Path) -> None:
    (project / "neonlint.toml").write_text('selct = ["NL1"]\n')

    async def what(client: Editor) -> None:
        client.open(project / ".env", "A=1\n")
        message = await asyncio.wait_for(client.messages.get(), 30)
        assert "selct" in message.message

    talk(project, what)


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
def test_columns(encoding: str, column: int) -> None:
    lines = Lines("a\r\n\u2028\rb🐘c", encoding)
    assert lines.of_character(len("a\r\n\u2028\rb🐘")) == Spot(2, column)


def test_what_stays_is_in_no_change() -> None:
    old, new = f"A=1\nX={URL}?sslmode=require\n", f"A=1\nX={URL}?sslmode=verify-full&sslrootcert=system\n"
    assert PASSWORD not in "".join(splice.new for splice in splices(old, new))
    text = old
    for splice in reversed(list(splices(old, new))):
        text = text[: splice.start] + splice.new + text[splice.end :]
    assert text == new


@pytest.mark.parametrize("encodings", [None, ["utf-8"]])
def test_columns_are_in_the_units_agreed_on(project: Path, encodings: list[str] | None) -> None:
    line = 'c = psycopg2.connect(os.environ["DATABASE_URL"]); d = "🐘"; c.cursor().execute("LISTEN x")'
    pooled = SECURE.replace("a1b2c3d4.", "a1b2c3d4-pooler.")
    (project / ".env").write_text(f"DATABASE_URL={pooled}\n")

    async def what(client: Editor) -> None:
        uri = client.open(project / "app.py", f"import os\nimport psycopg2\n{line}\n")
        (found,) = [d for d in await client.of(uri) if d.code == "NL401"]
        before = line[: line.index('"LISTEN')]
        units = len(before.encode()) if encodings else len(before.encode("utf-16-le")) // 2
        assert abs(found.range.start.character - units) <= 1
        assert found.range.start.line == 2

    talk(project, what, encodings)


def test_without_pygls() -> None:
    text = "import sys; sys.modules['pygls'] = sys.modules['lsprotocol'] = None; from neonlint.cli import main; sys.exit(main(['server']))"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'neonlint[server]'" in done.stderr
