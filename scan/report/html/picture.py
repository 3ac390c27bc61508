"""Pictures of all findings: how confident they are, and in which folders they lie.  Plain SVG, sizes as attributes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ...finding import Finding
from .text import shown

LEVELS = ((0.9, "l4"), (0.7, "l3"), (0.5, "l2"), (0.0, "l1"))
BINS = 25


def level(finding: Finding) -> str:
    """The class of a finding's colour; the picture only, no verdict."""
    return "l0" if finding.score is None else next(name for least, name in LEVELS if finding.confidence >= least)


def histogram(findings: Sequence[Finding]) -> str:
    """How many findings there are at each confidence."""
    counts = [0] * BINS
    for finding in findings:
        if finding.score is not None:
            counts[min(int(finding.confidence * BINS), BINS - 1)] += 1
    most = max(counts, default=0) or 1
    bars = "".join(
        f'<rect x="{4 * at + 0.4:g}" y="{24 - height:.2f}" width="3.2" height="{height:.2f}" rx="0.6"/>'
        for at, count in enumerate(counts)
        if (height := 24 * count / most)
    )
    return f'<svg class="histogram" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'


def folders(findings: Sequence[Finding]) -> str:
    """A button with a bar for each folder, indented below the folders around it."""
    inside: defaultdict[str, list[Finding]] = defaultdict(list)
    own: set[str] = set()
    for finding in findings:
        parts = finding.filename.split("/")[:-1]
        own.add("/".join(parts))
        for depth in range(1, len(parts) + 1):
            inside["/".join(parts[:depth])].append(finding)
        if not parts:
            inside[""].append(finding)
    names = [name for name in sorted(inside) if name in own or _branches(name, inside)]
    most = max((len(inside[name]) for name in names), default=1)
    rows = []
    for name in names:
        around = [other for other in names if other and name.startswith(other + "/")]
        label = name.removeprefix(around[-1] + "/") if around else name
        rows.append(
            f'<li class="d{min(len(around), 5)}"><button type="button" data-folder="{shown(name)}" aria-pressed="false">'
            f'<span class="name">{shown(label) or "files here"}</span>{_bar(inside[name], most)}'
            f'<span class="number">{len(inside[name]):,}</span></button></li>\n'
        )
    return f"<ul>\n{''.join(rows)}</ul>\n" if rows else '<p class="faint">None has findings.</p>'


def _branches(name: str, inside: dict[str, list[Finding]]) -> bool:
    """Whether several folders directly below ``name`` have findings."""
    return len({other[len(name) + 1 :].split("/")[0] for other in inside if other.startswith(name + "/")}) > 1


def _bar(findings: Sequence[Finding], most: int) -> str:
    at, parts = 0.0, []
    for kind in ("l0", "l4", "l3", "l2", "l1"):
        if count := sum(level(finding) == kind for finding in findings):
            width = 100 * count / most
            parts.append(f'<rect class="{kind}" x="{at:.2f}" width="{width:.2f}" height="8"/>')
            at += width
    return f'<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
