"""The language server, with a real client over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from buglab.cli.main import group
from buglab.scan.config import Settings
from buglab.scan.engine import Engine
from buglab.scan.files import named_file
from buglab.scan.repair import edited

TEXT = 'def pick(items, index, default):\r\n\treturn items["😀 ä"] if index < default else items[index]\r\n'
"""Tab, characters of one and of two UTF-16 units, line ends of two characters."""


class Editor(LanguageClient):
    """Keeps what the server says."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.messages: asyncio.Queue[str] = asyncio.Queue()
        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self.published.put_nowait(params))
        self.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self.messages.put_nowait(params.message))

    async def diagnostics(self) -> types.PublishDiagnosticsParams:
        return await asyncio.wait_for(self.published.get(), 300)

    def open(self, uri: str, text: str) -> None:
        document = types.TextDocumentItem(uri, "python", 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(document))

    def change(self, uri: str, version: int, text: str) -> None:
        document = types.VersionedTextDocumentIdentifier(version, uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))

    def save(self, uri: str) -> None:
        self.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))

    async def actions(self, uri: str, asked: types.Range) -> list[types.CodeAction]:
        document, context = types.TextDocumentIdentifier(uri), types.CodeActionContext([])
        found = await self.text_document_code_action_async(types.CodeActionParams(document, asked, context))
        return [action for action in found or () if isinstance(action, types.CodeAction)]


def session(folder: Path, visit: Callable[[Editor], Awaitable[None]], versioned: bool = True) -> None:
    """One session of an editor in ``folder``, from its start to its end."""

    async def whole() -> None:
        editor = Editor()
        await editor.start_io(sys.executable, "-m", "buglab", "server", cwd=folder)
        edits = types.WorkspaceEditClientCapabilities(document_changes=versioned)
        capabilities = types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(workspace_edit=edits))
        told = await editor.initialize_async(types.InitializeParams(capabilities, root_uri=folder.as_uri()))
        assert told.server_info is not None
        assert told.server_info.name == "buglab"
        editor.initialized(types.InitializedParams())
        await visit(editor)
        await editor.shutdown_async(None)
        editor.exit(None)
        await editor.stop()
        assert editor._server.returncode == 0

    asyncio.run(asyncio.wait_for(whole(), 600))


def applied(text: str, edits: list[types.TextEdit]) -> str:
    """``text`` with edits in UTF-16 units, as an editor would apply them; written apart from the server's own counting."""
    for edit in edits:
        lines = text.encode("utf-16-le").split("\n".encode("utf-16-le"))
        place = [
            sum(len(line) + 2 for line in lines[: at.line]) + 2 * at.character for at in (edit.range.start, edit.range.end)
        ]
        data = text.encode("utf-16-le")
        text = (data[: place[0]] + edit.new_text.encode("utf-16-le") + data[place[1] :]).decode("utf-16-le")
    return text


@pytest.fixture
def configured(project: Path, model: Path) -> Path:
    """The project with an untrained detector at threshold 0."""
    (project / "pyproject.toml").write_text(
        f'[tool.buglab]\nmodel = "{model}"\nmin-confidence = 0\nexclude = ["generated"]\n', encoding="utf-8"
    )
    return project


def test_an_editing_session(configured: Path, model: Path) -> None:
    """The file on disk holds something else, and never what is typed here."""
    uri = (configured / "mod.py").as_uri()
    settings = Settings(root=configured, model=model, min_confidence=0.0, cache=False)
    (expected,) = next(Engine.prepare(settings).scan([named_file(configured / "mod.py", settings, TEXT.encode())])).findings

    async def visit(editor: Editor) -> None:
        editor.open(uri, TEXT)
        shown = await editor.diagnostics()
        assert (shown.uri, shown.version) == (uri, 1)
        (found,) = shown.diagnostics
        assert (found.code, found.source, found.severity) == (expected.code, "buglab", types.DiagnosticSeverity.Warning)
        assert found.message.startswith(expected.message)

        repair, silence = await editor.actions(uri, found.range)
        for action in (repair, silence):
            assert action.kind == types.CodeActionKind.QuickFix
            assert list(action.diagnostics or ()) == [found]
            assert not action.is_preferred
        assert applied(TEXT, edits(repair, uri, 1)) == edited(TEXT, expected)
        outside = types.Position(9, 0)
        assert await editor.actions(uri, types.Range(outside, outside)) == []

        silenced = applied(TEXT, edits(silence, uri, 1))
        assert silenced == TEXT.removesuffix("\r\n") + f"  # buglab: ignore[{expected.code}]\r\n"
        editor.change(uri, 2, silenced)
        assert await editor.actions(uri, found.range) == [], "what is known is of another version"
        shown = await editor.diagnostics()
        assert (shown.version, list(shown.diagnostics)) == (2, [])

        (configured / "pyproject.toml").write_text("[tool.buglab]\nmin-confidense = 0\n", encoding="utf-8")
        editor.save(uri)
        said = await asyncio.wait_for(editor.messages.get(), 300)
        assert "unknown key 'min-confidense' in [tool.buglab]; did you mean 'min-confidence'?" in said
        assert not (await editor.diagnostics()).diagnostics
        (configured / "pyproject.toml").write_text(f'[tool.buglab]\nmodel = "{model}"\nmin-confidence = 0\n', encoding="utf-8")
        editor.change(uri, 3, "def half(:\n")
        editor.save(uri)
        (broken,) = (await editor.diagnostics()).diagnostics
        assert (broken.code, broken.severity) == ("BL000", types.DiagnosticSeverity.Error)
        assert await editor.actions(uri, broken.range) == []

        editor.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
        assert not (await editor.diagnostics()).diagnostics

    session(configured, visit)


def test_what_is_excluded_is_silent_and_plain_edits_are_for_plain_editors(configured: Path) -> None:
    left_out, unsaved = (configured / "generated" / "a.py").as_uri(), "untitled:Untitled-1"

    async def visit(editor: Editor) -> None:
        editor.open(left_out, TEXT)
        assert not (await editor.diagnostics()).diagnostics
        editor.open(unsaved, TEXT)
        (found,) = (await editor.diagnostics()).diagnostics
        repair, _ = await editor.actions(unsaved, found.range)
        assert repair.edit is not None
        assert not repair.edit.document_changes
        assert list(repair.edit.changes or {}) == [unsaved]

    session(configured, visit, versioned=False)


def edits(action: types.CodeAction, uri: str, version: int) -> list[types.TextEdit]:
    """Those of an action, which must be for this version of this document alone."""
    assert action.edit is not None
    (change,) = action.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (uri, version)
    return [edit for edit in change.edits if isinstance(edit, types.TextEdit)]


def test_without_the_extra_a_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("buglab.cli.server", "buglab.scan.server", "buglab.scan.editing"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in ("lsprotocol", "pygls"):
        monkeypatch.setitem(sys.modules, name, None)
    ran = CliRunner().invoke(group, ["server"])
    assert ran.exit_code == 2
    assert "`buglab server` needs lsprotocol, which is not installed; pip install 'buglab[lsp]'" in ran.output
