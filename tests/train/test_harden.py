"""Hard negatives: a corpus of the clean functions that a detector alarms on."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from buglab.data.dataset import Corpus
from buglab.train.harden_main import main
from buglab.train.main import main as train
from buglab.train.measure import alarms
from buglab.train.trained import load

from .conftest import TINY, only_run


def test_the_worst_alarms_become_a_corpus_to_train_on(tiny_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train([*TINY, "name=first", "limits.max_steps=2"]) == 0
    asked = ["checkpoint=last", "of=tiny", "functions=40", "worst=6", "beside=4", "device=cpu"]
    assert main(asked) == 0
    hard, whole = Corpus(tiny_home / "corpora" / "hard"), Corpus(tiny_home / "corpora" / "tiny")
    assert (len(hard.split("train")), len(hard.split("valid"))) == (10, 0)
    trained = load("last")
    split = whole.split("train")
    score = alarms(trained.network, (split[i] for i in range(len(split))), trained.config.budget, torch.device("cpu"))
    digests = {split.record(place).digest: value for place, value in score.items()}
    kept = sorted((digests[hard.split("train").record(i).digest] for i in range(10)), reverse=True)
    assert len(score) == len(split)
    assert kept[5] >= sorted(score.values())[-20]  # the worst six of 40 that were drawn
    before = sorted(path.name for path in (tiny_home / "corpora" / "tiny").iterdir())
    assert (
        train([*TINY, "name=second", f"start_from={only_run(tiny_home, 'first')}", "more_corpora=[hard]", "limits.max_steps=1"])
        == 0
    )
    assert before == sorted(path.name for path in (tiny_home / "corpora" / "tiny").iterdir())
    assert main([*asked, "name=tiny"]) == 2
    assert main([*asked, "worst=60"]) == 2
    said = capsys.readouterr().err
    assert "name=tiny is the corpus that is looked at" in said
    assert "lower `worst` and `beside`" in said
