"""A language server: findings, repairs and reasons in an editor. Needs the extra `server` (pygls).

A document is sent whole with each change, so that nobody's idea of a line can differ from the editor's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

import neonlint
from neonlint import rulebook, server_check
from neonlint.ir.findings import Finding
from neonlint.report.redact import scrub
from neonlint.server_check import Checked, Checker
from neonlint.server_text import Lines, splices

#: Seconds without a keystroke after which a changed document is checked; more where a check takes longer itself.
PAUSE = 0.15
FIX_ALL = "source.fixAll.neonlint"
_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "info": lsp.DiagnosticSeverity.Information,
}


class Server(LanguageServer):
    """The open documents of one editor, and what was last found in them, by address."""

    def __init__(self) -> None:
        super().__init__("neonlint", neonlint.__version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.checker = Checker()
        self.known: dict[str, Checked] = {}
        self.complaints: list[str] = []
        self.pause = PAUSE
        self.waiting: asyncio.Task[None] | None = None
        self.ended = False

    def report_server_error(self, error: Exception, source: object) -> None:  # noqa: ARG002 -- the name is given
        """Say that something went wrong, not with what text: it may hold a password."""
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, f"neonlint: {type(error).__name__}"))

    def check(self) -> None:
        """Judge every open document again: a change in one can be found in another."""
        started = time.perf_counter()
        documents = {
            path: (uri, document)
            for uri, document in self.workspace.text_documents.items()
            if uri.startswith("file:") and (path := to_fs_path(uri)) and "\0" not in path
        }
        outcome = self.checker.check({path: document.source for path, (_, document) in documents.items()})
        self.known = {documents[path][0]: checked for path, checked in outcome.documents.items()}
        for uri, document in documents.values():
            checked = self.known.get(uri)
            found = list(self.diagnostics(checked)) if checked else []
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, document.version))
        for complaint in outcome.complaints:
            if complaint not in self.complaints:
                self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"neonlint: {scrub(complaint)}"))
        self.complaints = outcome.complaints
        self.pause = max(PAUSE, time.perf_counter() - started)

    async def watch(self) -> None:
        """Ask the editor to say when any file changes on the disk, if it can."""
        workspace = self.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace is not None else None
        if watched is None or not watched.dynamic_registration:
            return
        options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher("**/*")])
        registration = lsp.Registration("files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await self.client_register_capability_async(lsp.RegistrationParams([registration]))

    async def check_soon(self) -> None:
        """Judge when nothing was typed, opened or written for a while: an editor may open many documents at once."""
        if self.waiting is not None:
            self.waiting.cancel()
        self.waiting = asyncio.create_task(self._check_later())

    async def _check_later(self) -> None:
        await asyncio.sleep(self.pause)
        try:
            self.check()
        except Exception as error:  # a task keeps what it raises to itself
            self.report_server_error(error, type(error))

    def lines(self, text: str) -> Lines:
        """Positions of a text in the units that the client asked for."""
        return Lines(text, str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding)))

    def diagnostics(self, checked: Checked) -> Iterator[lsp.Diagnostic]:
        """The findings of one document, and why it was not read (whole)."""
        lines = self.lines(checked.text)
        yield from (_diagnostic(finding, lines) for finding in checked.findings)
        for skip in checked.skipped:
            here = lsp.Position((skip.row or 1) - 1, 0)
            text = scrub(f"not checked: {skip.detail}")
            yield lsp.Diagnostic(
                lsp.Range(here, here), text, lsp.DiagnosticSeverity.Information, skip.reason, source="neonlint"
            )

    def edit(self, uri: str, old: str, new: str) -> lsp.WorkspaceEdit:
        """The change of one document from `old` to `new`."""
        lines = self.lines(old)
        edits = [
            lsp.TextEdit(lsp.Range(_spot(lines, splice.start), _spot(lines, splice.end)), splice.new)
            for splice in splices(old, new)
        ]
        return lsp.WorkspaceEdit({uri: edits})

    def current(self, uri: str) -> Checked | None:
        """What is known of a document; a check that is still to come is made now."""
        if self.waiting is not None and not self.waiting.done():
            self.waiting.cancel()
            self.check()
        return self.known.get(uri)


def serve() -> bool:
    """Speak with an editor over standard input and output; whether it ended the conversation before it went."""
    logging.getLogger("pygls").disabled = True
    for name in ("pygls.server", "pygls.protocol", "pygls.protocol.json_rpc", "pygls.feature_manager", "pygls.io_"):
        logging.getLogger(name).disabled = True  # what they log of a failure holds the text of documents
    server = build()
    server.start_io()
    return server.ended


def build() -> Server:
    """A server with its features."""
    server = Server()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(_: lsp.DidOpenTextDocumentParams) -> None:
        await server.check_soon()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(_: lsp.DidChangeTextDocumentParams) -> None:
        await server.check_soon()

    @server.feature(lsp.INITIALIZED)
    async def initialized(_: lsp.InitializedParams) -> None:
        await server.watch()

    @server.feature(lsp.SHUTDOWN)
    def ended(_: None) -> None:
        server.ended = True

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def written(_: lsp.DidChangeWatchedFilesParams) -> None:
        await server.check_soon()

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def saved(_: lsp.DidSaveTextDocumentParams) -> None:
        await server.check_soon()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))
        await server.check_soon()

    kinds = lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, FIX_ALL])

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return list(_actions(server, params))

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        return _hover(server, params)

    return server


def _actions(server: Server, params: lsp.CodeActionParams) -> Iterator[lsp.CodeAction]:
    uri, only = params.text_document.uri, params.context.only
    checked = server.current(uri)
    if checked is None:
        return
    lines = server.lines(checked.text)
    fixes = [f for f in checked.findings if f.fix is not None and _meet(_range(f, lines), params.range)]
    for finding in sorted(fixes, key=lambda f: f.fix is not None and f.fix.safety == "unsafe"):
        new = server_check.alone(finding, checked.text)
        if finding.fix is None or new is None or not _wanted(lsp.CodeActionKind.QuickFix, only):
            continue
        safe = finding.fix.safety == "safe"
        title = scrub(f"{finding.fix.title} ({finding.code}{'' if safe else ', unsafe'})")
        edit = server.edit(uri, checked.text, new)
        about = [_diagnostic(finding, lines)]
        yield lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, about, is_preferred=safe or None, edit=edit)
    if checked.repaired is not None and _wanted(FIX_ALL, only):
        edit = server.edit(uri, checked.text, checked.repaired)
        yield lsp.CodeAction("neonlint: fix all that is safe", FIX_ALL, edit=edit)


def _wanted(kind: str, only: Sequence[lsp.CodeActionKind | str] | None) -> bool:
    """Whether an editor asks for actions of `kind`; `source` stands for `source.fixAll`, too."""
    asked = [str(getattr(word, "value", word)) for word in only or ()]
    word = str(getattr(kind, "value", kind))
    return only is None or any(word == ask or word.startswith(ask + ".") for ask in asked)


def _hover(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    checked = server.current(params.text_document.uri)
    if checked is None:
        return None
    lines, here = server.lines(checked.text), lsp.Range(params.position, params.position)
    pages = [_page(finding, checked) for finding in checked.findings if _meet(_range(finding, lines), here)]
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n---\n\n".join(pages))) if pages else None


def _page(finding: Finding, checked: Checked) -> str:
    """What a finding says, why it is believed, and why the rule exists; names out of files are shown as code."""
    said = [f"**{finding.code} {finding.name}**", _quoted(finding.message)]
    said += [f"- {_quoted(reason.text)}{' (inferred)' if reason.inferred else ''}" for reason in finding.reasons]
    rule = checked.report.rules.get(finding.code)
    if rule is not None:
        said.append(rulebook.details(rule).rationale)
    return "\n\n".join([*said, f"<{finding.url}>"] if finding.url else said)


def _quoted(text: str) -> str:
    return f"`{scrub(text).replace('`', chr(39))}`"


def _diagnostic(finding: Finding, lines: Lines) -> lsp.Diagnostic:
    return lsp.Diagnostic(
        _range(finding, lines),
        "\n".join(scrub(text) for text in (finding.message, finding.help) if text),
        _SEVERITIES[finding.severity],
        finding.code,
        lsp.CodeDescription(finding.url) if finding.url else None,
        "neonlint",
    )


def _range(finding: Finding, lines: Lines) -> lsp.Range:
    start, end = lines.of_byte(finding.span.start), lines.of_byte(finding.span.end)
    return lsp.Range(lsp.Position(*start), lsp.Position(*end))


def _spot(lines: Lines, offset: int) -> lsp.Position:
    return lsp.Position(*lines.of_character(offset))


def _meet(one: lsp.Range, other: lsp.Range) -> bool:
    return one.start <= other.end and other.start <= one.end
