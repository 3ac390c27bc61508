"""A page for reviewers: one file that needs nothing else, works offline and without scripts, dark and light.

Whatever comes from the scanned code is escaped, and the page's policy allows exactly the one script that it brings along, by
its hash: should something slip through, it would not run.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from ...catalogue import catalogue
from ...finding import Finding
from .. import Context
from .card import card
from .picture import folders, histogram
from .text import shown

HERE = Path(__file__).parent


def render(findings: Iterable[Finding], context: Context) -> Iterator[str]:
    found = sorted(findings, key=lambda finding: (finding.score is None, -finding.confidence))
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    files = len({finding.filename for finding in found})
    yield (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{_count(len(found), 'finding')} · BugLab</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#findings">Skip to the findings</a>\n'
        '<header class="top"><div><p class="brand">BugLab</p>'
        f"<h1>{_count(len(found), 'finding')}<small> in {_count(files, 'file')}</small></h1>"
        f'<p class="about">Detector <b>{shown(context.model)}</b> <code title="sha256 of its weights">'
        f"{escape(context.sha256[:12])}</code> · most confident first · each finding is a question, each repair a proposal</p>"
        "</div>"
        '<button type="button" id="theme" hidden>Dark or light</button></header>\n'
    )
    yield f'<div class="columns">\n<aside aria-label="Filters">\n{_filters(found, context)}</aside>\n'
    yield '<main id="findings" tabindex="-1">\n'
    yield '<p id="status" role="status" aria-live="polite"></p>\n'
    if not found:
        yield '<p class="nothing">Nothing at or above the threshold. That is no proof that there are no bugs.</p>\n'
    for number, finding in enumerate(found):
        yield card(number, finding, context)
    yield f"</main>\n</div>\n<script>{script}</script>\n</body>\n</html>\n"


def _filters(found: list[Finding], context: Context) -> str:
    """The left column: hidden without scripts, but for the picture of the folders."""
    rules = Counter(finding.code for finding in found)
    names = {entry.code: entry for entry in catalogue()}
    boxes = "".join(
        f'<label title="{escape(names[code].summary)}"><input type="checkbox" name="rule" value="{code}" checked>'
        f"<code>{code}</code> {escape(names[code].name)} <span>{count}</span></label>\n"
        for code, count in sorted(rules.items())
    )
    return (
        '<form id="filters" hidden>\n'
        '<label class="search" for="text">Search <kbd>/</kbd></label>'
        '<input type="search" id="text" placeholder="file, function, code" autocomplete="off">\n'
        f'<label for="least">Confidence from <output id="shown-least" for="least">0%</output></label>{histogram(found)}'
        '<input type="range" id="least" min="0" max="100" value="0">\n'
        f"<fieldset><legend>Rules</legend>\n{boxes}</fieldset>\n"
        '<button type="button" id="everything">Show all <kbd>Esc</kbd></button>\n'
        '<p class="keys"><kbd>j</kbd> next finding, <kbd>k</kbd> previous</p>\n</form>\n'
        '<section class="folders" aria-labelledby="folders-title"><h2 id="folders-title">Folders</h2>\n'
        f"{folders(found)}</section>\n"
        f"{_meaning(context)}"
    )


def _meaning(context: Context) -> str:
    """What the confidences are worth, where the model carries that."""
    if not context.meaning.classes:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{one.low:.0%} to {one.high:.0%}</th><td>{one.of_100} of 100</td></tr>'
        for one in context.meaning.classes
    )
    functions = sum(one.functions for one in context.meaning.classes)
    return (
        '<section aria-labelledby="meaning-title"><h2 id="meaning-title">What confidence means</h2>\n<table class="meaning">'
        '<thead><tr><th scope="col">confidence</th><th scope="col">were bugs</th></tr></thead>'
        f'<tbody>{rows}</tbody></table>\n<p class="faint">Measured on {functions:,} functions the detector had never seen, '
        f"half of them with an injected bug, counted as if 1 in {1 / context.meaning.prior:,.0f} had one. Real bugs are rarer "
        "and harder.</p>"
        "</section>\n"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
