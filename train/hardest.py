"""The mutants that the detector finds hardest, as text: what a person looks at to see what the game is about."""

from __future__ import annotations

import difflib
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from ..data.config import CorpusConfig
from ..data.dataset import Split
from ..data.heldout import normalised
from ..data.home import home
from ..data.sources import STDLIB
from ..detector.loss import detector_loss
from ..graph.build import UnitGraph, extract
from ..graph.pack import pack
from ..graph.schema import CodeGraph
from ..models.batch import Batch, mutate
from ..rewrites.source import Source, Unreadable, decode
from ..selector.sampling import draw
from .config import TrainConfig
from .measure import Detect
from .prior import prior_log_p

SHOWN = 5


@torch.inference_mode()
def hardest(detect: Detect, split: Split, rows: Sequence[int], config: TrainConfig, device: torch.device) -> str:
    """The mutants with the highest loss in one batch of the functions ``rows`` of ``split``, each as a difference."""
    graphs = [split[row] for row in rows]
    packed, left = pack(graphs, config.budget)
    kept = [index for index in range(len(graphs)) if index not in set(left)]
    batch = Batch.of(packed, device)
    option = draw(batch, prior_log_p(batch, config.game.kinds), torch.Generator().manual_seed(1))
    repair = batch.chosen.index_select(0, batch.option_site.index_select(0, option))
    mutant = mutate(batch, option)
    planted = batch.is_real & (option != len(batch.option_site) - 1)
    loss = torch.where(planted, detector_loss(mutant, detect(mutant), repair), -1.0)
    worst = [graph for graph in loss.argsort(descending=True)[:SHOWN].tolist() if float(loss[graph]) >= 0]
    begins = np.cumsum([0, *(graphs[index].num_options for index in kept)])
    parts = []
    for graph in worst:
        row = rows[kept[graph]]
        project, path = split.provenance(row)
        title = f"loss {float(loss[graph]):.2f} nats: {project.name} {project.version} {path}, {split.record(row).name}"
        text = _text(config.corpus, project.name, project.version, path)
        shown = _difference(text, graphs[kept[graph]], config.corpus.node_limit, int(option[graph]) - int(begins[graph]))
        parts.append(f"{title}\n{shown or '(its source is no longer what the corpus was made from)'}\n")
    return "\n".join(parts)


def _difference(text: str, graph: CodeGraph, limit: int, option: int) -> str:
    """The rewrite ``option`` of the unit in ``text`` that ``graph`` shows, as a difference; empty if it is not there."""
    try:
        source = Source.parse(text)
    except Unreadable:
        return ""
    found = next((unit for unit in extract(source, limit) if _same(unit, graph)), None)
    if found is None:
        return ""
    site = int(np.searchsorted(graph.option_ptr, option, side="right")) - 1
    edit = found.sites[site].options[option - int(graph.option_ptr[site])].edit
    if edit is None:  # the written one, which is never planted
        return ""
    before, after = text.splitlines(), edit.apply(text).splitlines()
    return f"rule {found.sites[site].rule.code}\n" + "\n".join(list(difflib.unified_diff(before, after, n=4, lineterm=""))[2:])


def _same(unit: UnitGraph, graph: CodeGraph) -> bool:
    one = unit.graph
    return all(np.array_equal(getattr(one, name), getattr(graph, name)) for name in ("label", "texts", "source", "option_ptr"))


def _text(config: CorpusConfig, project: str, version: str, path: str) -> str:
    """The file as it lies on this disk, empty where it does not: nothing is downloaded for a picture."""
    try:
        if project == STDLIB:
            return decode((Path(sysconfig.get_paths()["stdlib"]) / path).read_bytes())
        for folder in map(Path, config.folders):
            if folder.expanduser().resolve().name == project:
                return decode((folder.expanduser() / path).read_bytes())
        for wheel in (home() / "downloads").glob(f"*-{version}-*.whl"):
            if normalised(wheel.name.split("-")[0]) == normalised(project):
                with zipfile.ZipFile(wheel) as archive:
                    return decode(archive.read(path))
    except (OSError, KeyError, Unreadable, zipfile.BadZipFile):
        return ""
    return ""
