"""Rewritten copies of what is learned from: other names, mirrored comparisons, exchanged branches; the same meaning."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from random import Random

from ..graph.build import extract
from ..rewrites.compose import VERSION, variant
from ..rewrites.project import ALONE, Around
from ..rewrites.source import Source
from ..rewrites.unit import Unit
from .functions import Extracted, own_text
from .header import FunctionRecord
from .tokens import fingerprint, tokens

SHARE = 0.5
"""Of all places where a file can be rewritten, how many are in one copy."""

MAKING = (VERSION, SHARE)
"""What besides the text and its number decides what a copy is."""


def rewritten(original: Extracted, number: int, file: int, node_limit: int, around: Around = ALONE) -> Extracted:
    """Copy ``number`` of a file: graphs of those of its units that gave graphs and that rewriting has changed.

    ``file`` is the copy's own index in the shard's header; rows in the records are those of the original.  The dice are seeded
    by the file's text.  The graphs have no signatures: a copy shares its original's fate when near duplicates are removed.
    """
    found = Extracted(licence=original.licence)
    if original.source is None or not original.graphs:
        return found
    text = original.source.text
    seed = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, salt=number.to_bytes(8, "little")).digest()
    try:
        copy = variant(original.source, Random(int.from_bytes(seed, "little")), SHARE)
        source = Source.parse(copy.text)
        built = extract(source, node_limit, around)
    except (Exception, RecursionError) as error:  # a fault of ours, as what was rewritten could be read
        found.counts[f"failed: rewritten copy ({type(error).__name__})"] += 1
        found.failure = f"{type(error).__name__}: {error}"
        return found
    places = {_place(unit, unit.start): original.source.position(unit.start)[0] for unit in original.source.units}
    records = {(record.kind, record.name, record.first_row): record for _, record, _ in original.graphs}
    windows: Counter[int] = Counter()
    for item in built:
        unit = item.unit
        window, windows[id(unit)] = windows[id(unit)], windows[id(unit)] + 1
        row = places.get(_place(unit, copy.origin(unit.start)), 0)
        record = records.get((unit.kind, unit.name, row))
        own = tokens(own_text(unit, source))
        digest = fingerprint([unit.kind, *own])
        if record is None or digest == record.digest or not item.sites:
            continue
        rows = record.first_row, record.last_row
        found.graphs.append((item.graph, FunctionRecord(unit.name, unit.kind, file, *rows, window, len(own), digest), None))
    found.counts["rewritten copies"] = len(found.graphs)
    return found


def _place(unit: Unit, start: int) -> tuple[str, int]:
    """What a unit has in common with its original: its kind and where it begins there."""
    return unit.kind, 0 if unit.kind == "module" else start
