"""The language server: findings as diagnostics, repairs as quick fixes, over standard input and output.

A document is scanned when it is opened and saved, and once nobody has typed for a moment, always as the editor has it.  Scans
run one at a time in a thread of their own.  One that has not begun is dropped when a newer text of its document arrives, and
what was found in an older text is never shown for a newer one.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from .. import __version__
from .buffers import Buffers
from .editing import Scanned
from .errors import CannotScan
from .judge import FileReport

PAUSE_S = 1.0
"""Without a change, until a text is scanned that was not saved."""


class Server(LanguageServer):
    """One editor's session."""

    def __init__(self) -> None:
        # whole texts: pygls counts form feeds as line ends, where editors do not, so that its own edits would go astray
        super().__init__("buglab", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.scanned: dict[str, Scanned] = {}
        """by document, the newest text that was scanned"""
        self._buffers = Buffers()
        self._thread = ThreadPoolExecutor(1, "scan")
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._told: set[str] = set()

    def scan_soon(self, uri: str, pause_s: float = 0.0) -> None:
        """Scan the document after the pause, in place of any scan of it that has not begun."""
        self.forget(uri)
        self._waiting[uri] = asyncio.get_running_loop().create_task(self._scan(uri, pause_s))

    def forget(self, uri: str) -> None:
        """Drop the scan that the document waits for."""
        if (task := self._waiting.pop(uri, None)) is not None:
            task.cancel()

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _scan(self, uri: str, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        document = self.workspace.get_text_document(uri)
        text, version = document.source, document.version
        try:
            report = await asyncio.get_running_loop().run_in_executor(
                self._thread, self._buffers.scan, Path(document.path).absolute(), text
            )
        except CannotScan as error:
            self._tell(str(error), types.MessageType.Error)
            report = None
        except Exception as error:
            self._tell(f"an error inside buglab, please report it ({type(error).__name__}: {error})", types.MessageType.Error)
            report = None
        for sentence in self._buffers.said:
            self._tell(sentence, types.MessageType.Warning)
        self._show(uri, version, text, report, typing=pause_s > 0)

    def _show(self, uri: str, version: int | None, text: str, report: FileReport | None, typing: bool) -> None:
        found = () if report is None else tuple(finding for finding in report.findings if finding.counts)
        if typing and any(finding.score is None for finding in found):
            return  # half a statement: what was there before still stands
        encoding = str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding))
        self.scanned[uri] = done = Scanned(uri, version, text, found, encoding)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, done.diagnostics(), version))

    def _tell(self, sentence: str, kind: types.MessageType) -> None:
        """Show a sentence, once in a session."""
        if sentence not in self._told:
            self._told.add(sentence)
            self.window_show_message(types.ShowMessageParams(kind, f"buglab: {sentence}"))

    def report_server_error(self, error: Exception, source: object) -> None:
        """What goes wrong outside of a scan, as a message that is no JSON."""
        self._tell(f"an error in the language server ({type(error).__name__}: {error})", types.MessageType.Error)


def create() -> Server:
    """A server that is ready to listen."""
    server = Server()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.scan_soon(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.scan_soon(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.scan_soon(params.text_document.uri, PAUSE_S)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.forget(uri)
        server.scanned.pop(uri, None)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]))
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        known = server.scanned.get(params.text_document.uri)
        if known is None or known.version != server.workspace.get_text_document(known.uri).version:
            return []  # its places are those of another text
        workspace = server.client_capabilities.workspace
        edits = workspace.workspace_edit if workspace is not None else None
        return list(known.actions(params.range, versioned=bool(edits and edits.document_changes)))

    return server


def serve() -> None:
    """Serve one editor over standard input and output until it leaves."""
    server = create()
    stdout = os.fdopen(os.dup(sys.stdout.fileno()), "wb")  # a duplicate, for pygls closes what it is given
    try:
        server.start_io(stdout=stdout)
    finally:
        server.close()
