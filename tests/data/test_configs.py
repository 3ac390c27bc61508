from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from buglab.data.config import CorpusConfig, part
from buglab.data.corpus import build
from buglab.data.heldout import Guard
from buglab.data.home import home
from buglab.data.mining.pairs import load
from buglab.data.pins import read_pins
from buglab.data.sources import stdlib

DATA = Path(__file__).parents[2] / "data"
LEAVES = sorted((Path(__file__).parents[2] / "conf" / "corpus").glob("*.yaml"))


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: path.stem)
def test_every_leaf_is_a_configuration(path: Path, guard: Guard) -> None:
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(values) <= {field.name for field in fields(CorpusConfig)}
    config = CorpusConfig(**values)
    assert config.name == path.stem
    if config.stdlib or config.packages:
        known = (
            {pin.name.lower().replace("_", "-") for pin in read_pins(DATA / config.packages, guard)}
            if config.packages
            else set()
        )
        if config.stdlib:
            source = stdlib(config, guard)
            known |= {part(source.project.name, file.path) for file in source.files}
        assert {name.lower().replace("_", "-") for name in config.valid + config.test} <= known
    assert not {*config.valid} & {*config.test}


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: path.stem)
def test_projects_whose_fixes_judge_are_not_learned_from(path: Path, guard: Guard) -> None:
    config = CorpusConfig(**yaml.safe_load(path.read_text(encoding="utf-8")))
    judging = {fix.project.rpartition("/")[2].lower() for fix in load(["development-test"])}
    pins = read_pins(DATA / config.packages, guard) if config.packages else []
    learned = [pin.name for pin in pins if pin.name.lower() in judging and config.split_of(pin.name, "") != "test"]
    assert not learned


def test_there_are_these_corpora() -> None:
    known = "calibration fixes folder large packages release smoke stdlib"
    assert {path.stem for path in LEAVES} == set(known.split())


def test_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUGLAB_HOME", str(tmp_path))
    assert CorpusConfig(name="x").folder() == tmp_path / "corpora" / "x"
    assert CorpusConfig(name="x", output=str(tmp_path / "y")).folder() == tmp_path / "y"
    monkeypatch.delenv("BUGLAB_HOME")
    assert home().name == "buglab"


def test_splits() -> None:
    config = CorpusConfig(valid=["rich", "cpython/email"], test=["cpython/shlex"])
    assert config.split_of("rich", "rich/table.py") == "valid"
    assert config.split_of("cpython", "email/message.py") == "valid"
    assert config.split_of("cpython", "shlex.py") == "test"
    assert config.split_of("cpython", "html/parser.py") == "train"
    assert CorpusConfig(split="valid", test=["rich"]).split_of("rich", "rich/table.py") == "valid"


def test_a_split_that_does_not_exist_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(a, b):\n    return a - b\n")
    with pytest.raises(ValueError, match=r"corpus\.split is 'rest'; it can be train, valid, test"):
        build(CorpusConfig(output=str(tmp_path / "out"), folders=[str(tmp_path)], split="rest"))
