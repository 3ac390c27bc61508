"""Text for people: colours, and nothing in it that a terminal would obey."""

from __future__ import annotations

from typing import Any

import click

from ..finding import Finding
from . import Context


def printable(text: str) -> str:
    """``text`` with control characters made visible: code and file names must not move the cursor or set the title."""
    return "".join(
        c if c.isprintable() else "    " if c == "\t" else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}"
        for c in text
    )


def paint(context: Context, text: str, **style: Any) -> str:
    return click.style(text, **style) if context.colour else text


def percent(confidence: float) -> str:
    """A probability as people read it; never 0% or 100%."""
    return "<1%" if confidence < 0.01 else ">99%" if confidence > 0.99 else f"{confidence:.0%}"


def headline(finding: Finding, context: Context) -> str:
    """``file:row:column: CODE sentence [probability]``"""
    place = f"{printable(finding.filename)}:{finding.location.row}:{finding.location.column}:"
    code = paint(context, finding.code, fg="red" if finding.score is None else "yellow", bold=True)
    chance = "" if finding.score is None else paint(context, f" [{percent(finding.confidence)}]", fg="cyan")
    return f"{paint(context, place, bold=True)} {code} {printable(finding.message)}{chance}"
