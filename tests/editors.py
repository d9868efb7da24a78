"""An editor for tests: the client of pygls, speaking with `neonlint server` as a process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("pygls")

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

PASSWORD = "CanaryPw42"
URL = f"postgresql://app:{PASSWORD}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
SECURE = URL + "?sslmode=verify-full&sslrootcert=system&channel_binding=require"


class Editor(LanguageClient):
    """Remembers what the server says."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.found: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.messages: asyncio.Queue[lsp.ShowMessageParams] = asyncio.Queue()
        self.watched: asyncio.Queue[lsp.RegistrationParams] = asyncio.Queue()

        @self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def found(params: lsp.PublishDiagnosticsParams) -> None:
            self.found.put_nowait(params)

        @self.feature(lsp.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]
        def said(params: lsp.ShowMessageParams) -> None:
            self.messages.put_nowait(params)

        @self.feature(lsp.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
        def asked(params: lsp.RegistrationParams) -> None:
            self.watched.put_nowait(params)

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
    watching = lsp.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    workspace = lsp.WorkspaceClientCapabilities(did_change_watched_files=watching)
    able = lsp.ClientCapabilities(general=general, workspace=workspace)
    await client.initialize_async(lsp.InitializeParams(able, root_uri=root.as_uri()))
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
