"""The report as one self-contained HTML page: bars, numbers, no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import CorpusReport

_MOST_ROWS = 40
_STYLE = """
:root{color-scheme:light dark;--bar:#4c78a8;--line:#8884}
body{font:15px/1.45 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:2rem 0 .4rem}
p{margin:.3rem 0}table{border-collapse:collapse;width:100%}
th,td{padding:.1rem .6rem;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th:first-child,td:first-child{text-align:left}thead th{border-bottom:1px solid var(--line)}
td.bar{width:60%;text-align:left}td.bar div{background:var(--bar);height:.8rem;min-width:1px;border-radius:2px}
"""


def page(report: CorpusReport) -> str:
    """The page of ``report``."""
    summary = (
        f"{report.files:,} files with {report.lines:,} lines became {report.graphs:,} graphs, of which "
        f"{sum(split.graphs for split in report.splits.values()):,} are kept; {report.bytes_on_disk / 1e6:,.1f} MB on disk, "
        f"{report.bytes_per_graph:,.0f} bytes per graph."
    )
    parts = [
        f"<h1>Corpus {escape(report.name)}</h1><p>{summary}</p>",
        _splits(report),
        _bars("Graphs per project", report.projects),
        _bars("Sites per rule", report.sites, by_name=True),
        _bars("Length of functions, in lines", report.lengths, keep_order=True),
        _bars("Graphs per kind", report.kinds),
        _bars("Graphs per licence", report.licences),
        _bars("Files left out", report.files_dropped),
        _bars("Files that cannot be read", report.files_failed),
        _bars("Graphs left out (duplicates, copies, nothing to inject)", report.functions_dropped),
    ]
    if report.failures:
        rows = "".join(f"<tr><td>{escape(path)}</td><td>{escape(reason)}</td></tr>" for path, reason in report.failures)
        parts.append(f"<h2>Examples of files that cannot be read</h2><table>{rows}</table>")
    title = f"<title>Corpus {escape(report.name)}</title>"
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8">{title}<style>{_STYLE}</style></head>'
    return f"{head}<body>{''.join(parts)}</body></html>\n"


def _splits(report: CorpusReport) -> str:
    names = "".join(f"<th>{escape(name)}</th>" for name in report.splits)
    rows = [("projects", [len(split.projects) for split in report.splits.values()])]
    rows += [(field, [getattr(split, field) for split in report.splits.values()]) for field in report.fields()]
    body = "".join(f"<tr><td>{field}</td>{''.join(f'<td>{value:,}</td>' for value in values)}</tr>" for field, values in rows)
    return f"<h2>Splits</h2><table><thead><tr><th></th>{names}</tr></thead><tbody>{body}</tbody></table>"


def _bars(title: str, counts: Mapping[str, int], by_name: bool = False, keep_order: bool = False) -> str:
    """A table with a bar for each count, the largest first; beyond _MOST_ROWS rows the rest becomes one."""
    if not counts:
        return ""
    rows = list(counts.items())
    if not keep_order:
        rows.sort(key=lambda row: (row[0] if by_name else "", -row[1], row[0]))
    if len(rows) > _MOST_ROWS:
        rest = rows[_MOST_ROWS - 1 :]
        rows = [*rows[: _MOST_ROWS - 1], (f"{len(rest)} others", sum(count for _, count in rest))]
    most = max(1, *(count for _, count in rows))
    bar = '<td class="bar"><div style="width:{:.1f}%"></div></td>'
    body = "".join(
        f"<tr><td>{escape(name)}</td><td>{count:,}</td>{bar.format(100 * count / most)}</tr>" for name, count in rows
    )
    return f"<h2>{escape(title)}</h2><table><tbody>{body}</tbody></table>"
