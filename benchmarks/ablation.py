"""What each idea of the game is worth on real bugs: rows of settings, equally many steps from the same start, several seeds.

    python -m buglab.benchmarks.ablation --start RUN [--corpus release] [--steps 600] [--seeds 0 1 2] [--rows ROW...]

A row is trained by ``buglab train`` and judged on the real fixes of ``--folds`` (splits of the corpus that `buglab corpus
corpus=fixes` makes; ``train`` too where no row learns from it): each function with its real bug, and repaired.  Runs that are
finished are not repeated, so the command may be stopped and given again.  Beside each figure stands the difference from the
first row, paired by bug, with a 95% interval over bugs and seeds (bootstrap).  The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS: dict[str, list[str]] = {
    "as people do": ["selector=uniform"],
    "all rewrites alike": ["selector=uniform", "game.kinds=every", "game.linted=true"],
    "rules in shares": ["selector=uniform", "game.kinds=real", "game.linted=true"],
    "by sites": ["selector=uniform", "by_sites=1"],
    "one bug at a time": ["selector=uniform", "game.crowd=0"],
    "no dropout": ["selector=uniform", "network.dropout=0", "network.word_dropout=0"],
    "learned": ["selector=learned"],
    "learned, as hard as real": ["selector=learned", "game.selector_share=1", "game.leash=1.2"],
    "learned, middling": ["selector=middling"],
    "learned, weighted": ["selector=learned", "game.weighted=true"],
    "learned, hard negatives": ["selector=learned", "more_corpora=[{hard}]", "more_share=0.1"],
    "learned, real fixes": ["selector=learned", "more_corpora=[{fixes}]", "more_share=0.1"],
}
"""Settings of each row; the last two need the corpora that `buglab harden` and `buglab corpus corpus=fixes` make."""

RATES = (0.15, 0.05)
DRAWS = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", required=True, help="run or exported model that every row begins with")
    parser.add_argument("--corpus", default="release", help="name of the corpus to train on")
    parser.add_argument("--fixes", default="fixes", help="name of the corpus of real fixes that judges")
    parser.add_argument("--hard", default="hard", help="name of the corpus of hard negatives")
    parser.add_argument("--folds", nargs="+", default=["valid"], choices=["train", "valid"])
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS))
    given = parser.parse_args()
    found: dict[str, list[NDArray[np.float64]]] = {row: [] for row in given.rows}
    for seed in given.seeds:  # all rows with one seed before the next seed: what there is can be compared at any time
        for row in given.rows:
            run = trained(row, seed, given)
            found[row].append(np.concatenate([judged(run, given.fixes, fold) for fold in given.folds]))
            show(found)


def trained(row: str, seed: int, given: argparse.Namespace) -> Path:
    """The finished run of a row."""
    from buglab.data.home import home

    origin = f"{Path(given.start).name.split('_')[-1]}-{given.corpus}"
    name = f"ablation-{origin}-{row.replace(',', '').replace(' ', '-')}-{given.steps}-{seed}"
    for run in sorted((home() / "runs").glob(f"*-{name}")):
        if (run / "checkpoints" / f"step-{given.steps:08d}").is_dir():
            return run
    settings = [
        f"name={name}", f"seed={seed}", f"start_from='{given.start}'", "experiment=release", "corpus=release",
        f"corpus.name={given.corpus}", "limits.max_minutes=0", f"limits.max_steps={given.steps}", "limits.validate_minutes=0",
        "game.decay_from=0.5", "tracking=none", "device.threads=1",
        *(setting.format(fixes=given.fixes, hard=given.hard) for setting in ROWS[row]),
    ]  # fmt: skip
    subprocess.run([sys.executable, "-m", "buglab", "train", *settings], check=True, stdout=sys.stderr)
    return max((home() / "runs").glob(f"*-{name}"))


def judged(run: Path, fixes: str, fold: str) -> NDArray[np.float64]:
    """[bugs, 4] whether the best rewrite is right; its score; log p(right rewrite | a bug); score of the repaired function."""
    import torch

    from buglab.detector.decode import decode
    from buglab.graph.pack import pack
    from buglab.graph.schema import NULL
    from buglab.models.batch import Batch, mutate
    from buglab.train.corpora import Corpora
    from buglab.train.fit_realism import tight
    from buglab.train.trained import load

    torch.set_num_threads(1)
    network, rows = load(str(run)).network, []
    with torch.inference_mode():
        for graph in Corpora.named([fixes]).split(fold):
            if graph.bug == NULL:
                continue
            clean = Batch.of(pack([graph], tight(graph))[0])
            buggy = mutate(clean, clean.bug)
            right = int(clean.chosen[clean.option_site[clean.bug[0]]])
            said, other = decode(buggy, network(buggy)), decode(clean, network(clean))
            best = int(said.option.argmax())
            least = torch.logsumexp(said.option[~buggy.option_is_chosen], 0)
            rows.append(
                [best == right, float(said.option[best] - said.no_bug[0]), float(said.option[right] - least),
                 float(other.option.max() - other.no_bug[0])]
            )  # fmt: skip
    return np.array(rows, np.float64)


def figures(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """[bugs, 5]: best rewrite right, log p, solved at argmax, and at each of RATES."""
    right, score, log_p, clean = rows.T
    at = [right * (score > np.quantile(clean, 1 - rate)) for rate in RATES]
    return np.stack([right, log_p, right * (score > 0), *at], axis=1)


def show(found: dict[str, list[NDArray[np.float64]]]) -> None:
    from rich.console import Console
    from rich.table import Table

    done = {row: parts for row, parts in found.items() if parts}
    first = next(iter(done.values()))
    table = Table(title=f"{len(first[0])} real fixes", title_justify="left")
    headings = ["best right", "log p(right)", "joint at argmax", *(f"joint at FPR {rate:.0%}" for rate in RATES)]
    for heading in ("row", "seeds", "FPR at argmax", *headings):
        table.add_column(heading, justify="left" if heading == "row" else "right")
    plain: dict[str, Any] = {"bugs": len(first[0]), "rows": {}}
    dice = np.random.default_rng(0)
    for row, parts in done.items():
        seeds = min(len(parts), len(first))
        mine = np.mean([figures(part) for part in parts[:seeds]], axis=0)
        gain = mine - np.mean([figures(part) for part in first[:seeds]], axis=0)
        drawn = gain[dice.integers(len(gain), size=(DRAWS, len(gain)))].mean(axis=1)
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        alarms = float(np.mean([part[:, 3] > 0 for part in parts[:seeds]]))
        cells = [_cell(at, value, low[at], high[at]) for at, value in enumerate(mine.mean(axis=0))]
        table.add_row(row, str(seeds), f"{alarms:.1%}", *cells)
        plain["rows"][row] = {
            "seeds": seeds, "false_alarms": round(alarms, 4),
            **{name: round(float(value), 4) for name, value in zip(headings, mine.mean(axis=0), strict=True)},
            "difference": {name: [round(float(low[at]), 4), round(float(high[at]), 4)] for at, name in enumerate(headings)},
        }  # fmt: skip
    Console(width=150).print(table)
    print(json.dumps(plain), flush=True)


def _cell(at: int, value: float, low: float, high: float) -> str:
    difference = "" if low == high == 0 else f" [{low:+.2f}, {high:+.2f}]" if at == 1 else f" [{low:+.1%}, {high:+.1%}]"
    return (f"{value:.2f}" if at == 1 else f"{value:.1%}") + difference


if __name__ == "__main__":
    main()
