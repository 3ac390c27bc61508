"""From one file to its graphs: the pure function that corpora are made with, on one core or on many machines."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from ..graph.build import extract
from ..graph.schema import CodeGraph
from ..rewrites.project import ALONE, Around
from ..rewrites.source import Source, Unreadable, decode
from ..rewrites.unit import Unit
from .filters import HELD_OUT, PYTHON2, by_content, looks_like_python2
from .header import PERMUTATIONS, FunctionRecord
from .heldout import Guard
from .licences import of_file
from .tokens import fingerprint, shingles, tokens

NEAR_TOKENS = 40
"""Shorter units are compared exactly only."""

_BLANK = MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=int)


@dataclass
class Extracted:
    """The graphs of one file with their records and signatures, and what was counted on the way."""

    graphs: list[tuple[CodeGraph, FunctionRecord, NDArray[np.uint16] | None]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    failure: str = ""
    """why the file gave nothing, as a sentence"""
    licence: str = ""
    """the SPDX expression that the file states itself"""
    source: Source | None = None
    """the file, where it could be read and was not left out"""


def functions(data: bytes, file: int, guard: Guard, node_limit: int, around: Around = ALONE) -> Extracted:
    """All graphs of the file with content ``data``; ``file`` is its index in the shard's header, ``around`` its project.

    Never raises for what may stand in a file: what is left out is counted under ``dropped: ...`` or ``failed: ...``.
    """
    found = Extracted()
    text = ""
    try:
        text = decode(data)
        if reason := by_content(text):
            found.counts[f"dropped: {reason}"] += 1
            return found
        source = Source.parse(text)
        pieces = {id(unit): tokens(own_text(unit, source)) for unit in source.units}
        digests = {id(unit): fingerprint([unit.kind, *pieces[id(unit)]]) for unit in source.units}
        known = guard.knows([(unit.kind, len(pieces[id(unit)]), digests[id(unit)]) for unit in source.units])
        copies = {id(unit) for unit, copied in zip(source.units, known, strict=True) if copied}
        if len(copies) == len(source.units):
            found.counts[f"dropped: {HELD_OUT}"] += 1
            return found
        built = extract(source, node_limit, around)
    except Unreadable as error:
        python2 = looks_like_python2(text)
        found.counts[f"failed: {PYTHON2 if python2 else _kind_of(error.message)}"] += 1
        found.failure = f"{error.row}:{error.column}: {error.message}"
        return found
    except (Exception, RecursionError) as error:  # a fault of ours: one file must not end a build of hours, but must be seen
        found.counts[f"failed: our fault ({type(error).__name__})"] += 1
        found.failure = f"{type(error).__name__}: {error}"
        return found
    found.licence, found.source = of_file(text), source
    found.counts.update(files=1, lines=text.count("\n") + 1, characters=len(text))
    windows: Counter[int] = Counter()
    for item in built:
        unit, own = item.unit, pieces[id(item.unit)]
        window, windows[id(unit)] = windows[id(unit)], windows[id(unit)] + 1
        if id(unit) in copies:
            found.counts[f"functions dropped: {HELD_OUT}"] += 1
        elif not item.sites:
            found.counts["functions dropped: no site"] += 1
        else:
            rows = source.position(unit.start)[0], source.position(unit.end)[0]
            record = FunctionRecord(unit.name, unit.kind, file, *rows, window, len(own), digests[id(unit)])
            signature = sign(own) if len(own) >= NEAR_TOKENS and not window else None
            found.graphs.append((item.graph, record, signature))
            found.counts.update(f"sites {site.rule.code}" for site in item.sites)
    return found


def own_text(unit: Unit, source: Source) -> str:
    """The unit's text; that of a class or module without the functions and classes in it, which are units themselves."""
    if unit.kind == "function":
        return source.text[unit.start : unit.end]
    parts, at = [], unit.start
    for inner in sorted(source.units, key=lambda inner: inner.start):
        if inner is not unit and inner.kind != "module" and at <= inner.start and inner.end <= unit.end:
            parts.append(source.text[at : inner.start])
            at = inner.end
    return "\n".join([*parts, source.text[at : unit.end]])


def sign(pieces: list[str]) -> NDArray[np.uint16]:
    """MinHash of the shingles, the low 16 bits of every value: [PERMUTATIONS]."""
    sketch = _BLANK.copy()
    sketch.update_batch(shingles(pieces).tolist())
    return sketch.hashvalues.astype(np.uint16)  # type: ignore[no-any-return]  # datasketch is untyped


def _kind_of(message: str) -> str:
    """The message without its particulars, so that failures can be counted by kind."""
    return re.sub(r"[(:].*|\b(0x)?[\d,a-f]*\d[\d,a-f]*\b", "", message).strip().rstrip(",") or "unreadable"
