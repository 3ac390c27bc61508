"""The functions that commits repaired, as graphs that know which option was really wrong: the material of the second phase."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from ..graph.build import extract
from ..graph.schema import CodeGraph
from ..rewrites.project import ALONE, Around
from ..rewrites.registry import rules
from ..rewrites.source import Source, on_deep_stack
from .functions import NEAR_TOKENS, own_text, sign
from .header import FileEntry, FunctionRecord, Project, ShardHeader
from .mining.pairs import FixedPair, Repair, clones, load, locate, pairs
from .mining.record import Fix
from .plan import versions
from .shards import ShardWriter, finished
from .tokens import fingerprint, tokens

SPLITS = {"fine-tuning": "train", "calibration": "valid"}
"""Fold of the fixes -> split of the corpus.  What judges is in neither."""

WITH_CONTEXT = "with context"
"""Part of a shard's name: those without it showed every file alone."""


def repaired(place: Path, folder: Path, node_limit: int, console: Console) -> list[str]:
    """Make one shard for each split of the published fixes that have a clone in ``place``; returns their names.

    A graph shows the function as the commit left it, with what it imports from its project, as the scanner sees it; ``bug`` is
    the option that brings the bug back.
    """
    repositories = clones(place)
    names = []
    for fold, split in SPLITS.items():
        fixes = [fix for fix in load([fold]) if fix.project.lower() in repositories]
        made = versions()
        key = hashlib.sha256(msgspec.json.encode([split, WITH_CONTEXT, sorted(made.items()), node_limit, fixes])).hexdigest()
        names.append(f"{split}-{key[:16]}.shard")
        if finished(folder / names[-1]):
            continue
        projects = list(dict.fromkeys(fix.project for fix in fixes))
        header = ShardHeader(
            key=key,
            split=split,
            schema_hash=made["schema_hash"],
            extractor=made["extractor"],
            libcst=made["libcst"],
            python=made["python"],
            rules=[rule.code for rule in rules()],
            projects=[Project(name, "", "", f"https://github.com/{name}") for name in projects],
            files=[FileEntry(projects.index(fix.project), f"{fix.path}@{fix.commit}") for fix in fixes],
        )
        counts: Counter[str] = Counter()
        with console.status(f"{len(fixes)} fixes of the fold {fold}"), ShardWriter(folder / names[-1], header) as writer:
            on_deep_stack(lambda: _write(writer, fixes, pairs(fixes, repositories), node_limit, counts))  # noqa: B023
            header.counts = dict(sorted(counts.items()))
    return names


def _write(
    writer: ShardWriter, fixes: Sequence[Fix], found: Iterable[FixedPair], node_limit: int, counts: Counter[str]
) -> None:
    number = {fix: index for index, fix in enumerate(fixes)}
    counts["functions dropped: missing in the clone"] = len(fixes)
    for pair in found:
        counts["functions dropped: missing in the clone"] -= 1
        counts.update(files=1, lines=pair.fixed.count("\n") + 1)
        repair = locate(pair)
        graphs = buggy_graphs(repair, node_limit, pair.around[1]) if repair else []
        if not repair or not graphs:
            counts["functions dropped: not found by the present rules"] += 1
            continue
        for graph in graphs:
            writer.write(graph, *_described(repair, number[pair.fix]))


def buggy_graphs(repair: Repair, node_limit: int, around: Around = ALONE) -> list[CodeGraph]:
    """The windows of the repaired function that hold the place of the bug, each with its ``bug``; ``around`` the fixed file."""
    options = {id(site): option for site, option in repair.wrong}
    found = []
    for window in extract(Source(repair.fixed.text, [repair.repaired]), node_limit, around):
        rows = [row for row, site in enumerate(window.sites) if id(site) in options]
        if rows:
            bug = int(window.graph.option_ptr[rows[0]]) + options[id(window.sites[rows[0]])]
            found.append(replace(window.graph, bug=bug))
    return found


def _described(repair: Repair, file: int) -> tuple[FunctionRecord, NDArray[np.uint16] | None]:
    unit, source = repair.repaired, repair.fixed
    own = tokens(own_text(unit, source))
    rows = source.position(unit.start)[0], source.position(unit.end)[0]
    record = FunctionRecord(unit.name, unit.kind, file, *rows, 0, len(own), fingerprint([unit.kind, *own]))
    return record, sign(own) if len(own) >= NEAR_TOKENS else None
