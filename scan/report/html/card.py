"""One finding on the page."""

from __future__ import annotations

from html import escape
from typing import Final

from ...catalogue import catalogue
from ...finding import Finding, quoted
from .. import Context
from ..terminal import percent
from .picture import level
from .text import frame, shown

WHY: Final = {entry.code: entry for entry in catalogue()}


def card(number: int, finding: Finding, context: Context) -> str:
    place = f"{finding.filename}:{finding.location.row}:{finding.location.column}"
    chance = "—" if finding.score is None else percent(finding.confidence)
    words = "not analysed" if finding.score is None else f"confidence {chance}"
    return (
        f'<article class="finding {level(finding)}" id="f{number}" tabindex="-1" aria-labelledby="h{number}" '
        f'data-code="{finding.code}" data-confidence="{finding.confidence:.4f}" data-path="{shown(finding.filename)}">\n'
        f'<header><span class="chance" title="{words}"><b>{escape(chance)}</b>{_ring(finding)}</span>'
        f'<div><h2 id="h{number}">{_sentence(finding.message)}</h2>'
        f'<p class="place"><a href="#f{number}"><code>{shown(place)}</code></a> in '
        f"<code>{shown(finding.function)}</code></p></div>"
        f'<p class="rule"><code>{finding.code}</code> {escape(finding.name)}</p></header>\n'
        f"{frame(finding)}{_repair(finding)}{_reasons(finding)}{_about(finding, context)}</article>\n"
    )


def _sentence(message: str) -> str:
    """A message with its `code` as code."""
    parts = shown(message).split("`")
    if len(parts) % 2 == 0:  # a backtick of the code itself
        return shown(message)
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))


def _ring(finding: Finding) -> str:
    if finding.score is None:
        return ""
    share = 100 * finding.confidence
    return (
        '<svg viewBox="0 0 36 36" aria-hidden="true"><circle class="track" cx="18" cy="18" r="16" pathLength="100"/>'
        f'<circle class="part" cx="18" cy="18" r="16" pathLength="100" stroke-dasharray="{share:.1f} 100"/></svg>'
    )


def _repair(finding: Finding) -> str:
    if finding.fix is None:
        return ""
    rows = [("proposed", finding.fix.edits[0].content if finding.fix.edits else "", finding.confidence)]
    rows += [("also possible", other.content, other.confidence) for other in finding.alternatives]
    listed = "".join(
        f'<tr><th scope="row">{kind}</th><td><code>{shown(quoted(content)) or "nothing"}</code></td>'
        f'<td><svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" width="100" height="6"/><rect class="part" width="{max(100 * chance, 0.5):.1f}" height="6"/>'
        f'</svg></td><td class="number">{escape(percent(chance))}</td></tr>'
        for kind, content, chance in rows
    )
    caption = '<caption class="unseen">What the detector weighed at this place</caption>'
    return f'<div class="two"><section><h3>Weighed at this place</h3><table class="weighed">{caption}{listed}</table></section>'


def _reasons(finding: Finding) -> str:
    """Closes what ``_repair`` opens."""
    if finding.fix is None:
        return ""
    listed = "".join(f"<li>{_sentence(reason)}</li>" for reason in finding.evidence)
    none = '<p class="faint">Nothing that can be said in a sentence; the detector weighs the whole function.</p>'
    return f"<section><h3>What speaks for it</h3>{f'<ul>{listed}</ul>' if listed else none}</section></div>\n"


def _about(finding: Finding, context: Context) -> str:
    parts = []
    if meaning := "" if finding.score is None else context.meaning.sentence(finding.confidence):
        parts.append(f"<p><b>{escape(percent(finding.confidence))} means:</b> {escape(meaning)}.</p>")
    entry = WHY[finding.code]
    parts.append(f"<p><b>{escape(entry.name)}:</b> {_sentence(entry.summary)} {_sentence(entry.why)}</p>")
    if finding.fix is not None:
        parts.append(
            f"<p>If it is no bug, silence it: <code># buglab: ignore[{finding.code}]</code> at the end of the statement.</p>"
        )
    parts.append(f'<p class="faint">Fingerprint <code>{escape(finding.fingerprint)}</code></p>')
    return f"<details><summary>What this means</summary>{''.join(parts)}</details>\n"
