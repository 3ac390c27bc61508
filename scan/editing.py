"""Findings as the Language Server Protocol has them: ranges, diagnostics, edits.

An editor counts lines from 0 and columns in units of the encoding that was agreed on, by default UTF-16; lines end as they do
for Python's parser (``\\n``, ``\\r\\n``, ``\\r``), and a tab is one column.  https://microsoft.github.io/language-server-protocol/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lsprotocol import types

from .excerpt import Lines
from .finding import Finding, Location, Severity
from .report.terminal import percent
from .suppress import silencing

WIDTHS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-32": len,
}
"""How many units of an encoding a text takes."""

SEVERITIES = {Severity.WARNING: types.DiagnosticSeverity.Warning, Severity.ERROR: types.DiagnosticSeverity.Error}


@dataclass(frozen=True, slots=True)
class Scanned:
    """One version of a document and what was found in it."""

    uri: str
    version: int | None
    text: str
    findings: tuple[Finding, ...]
    encoding: str = "utf-16"

    def diagnostics(self) -> list[types.Diagnostic]:
        lines = Lines(self.text)
        return [self._diagnostic(finding, lines) for finding in self.findings]

    def actions(self, asked: types.Range, versioned: bool) -> Iterator[types.CodeAction]:
        """What can be done about the findings that touch the range: repair them, or silence them by a comment.

        ``versioned``: whether the editor takes edits that name the version they are for.
        """
        lines = Lines(self.text)
        for finding in self.findings:
            diagnostic = self._diagnostic(finding, lines)
            if finding.fix is None or not _touch(diagnostic.range, asked):
                continue
            repair = [
                types.TextEdit(self._range(edit.location, edit.end_location, lines), edit.content) for edit in finding.fix.edits
            ]
            yield self._action(f"{finding.fix.message} ({finding.code})", diagnostic, repair, versioned)
            if (comment := silencing(self.text, lines.offset(finding.location), finding.code, finding.name)) is not None:
                offset, content = comment
                place = lines.position(offset)
                silence = [types.TextEdit(self._range(place, place, lines), content)]
                yield self._action(f"Silence {finding.code} with a comment", diagnostic, silence, versioned)

    def _action(
        self, title: str, diagnostic: types.Diagnostic, edits: list[types.TextEdit], versioned: bool
    ) -> types.CodeAction:
        if versioned:
            document = types.OptionalVersionedTextDocumentIdentifier(self.uri, self.version)
            edit = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, edits)])
        else:
            edit = types.WorkspaceEdit(changes={self.uri: edits})
        # never preferred: editors apply what is preferred without asking, and no learnt repair is safe
        return types.CodeAction(title, types.CodeActionKind.QuickFix, [diagnostic], is_preferred=False, edit=edit)

    def _diagnostic(self, finding: Finding, lines: Lines) -> types.Diagnostic:
        chance = "" if finding.score is None else f" [{percent(finding.confidence)}]"
        return types.Diagnostic(
            range=self._range(finding.location, finding.end_location, lines),
            severity=SEVERITIES[finding.severity],
            code=finding.code,
            source="buglab",
            message="\n".join([finding.message + chance, *(f"- {reason}" for reason in finding.evidence)]),
        )

    def _range(self, start: Location, end: Location, lines: Lines) -> types.Range:
        return types.Range(self._position(start, lines), self._position(end, lines))

    def _position(self, place: Location, lines: Lines) -> types.Position:
        begin = lines.starts[place.row - 1]
        return types.Position(place.row - 1, WIDTHS[self.encoding](self.text[begin : begin + place.column - 1]))


def _touch(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges have a place in common; a cursor at the edge counts."""
    return one.start <= other.end and other.start <= one.end
