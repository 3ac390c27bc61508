"""Settings come from where they should, and a mistake in them is told, with its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from buglab.scan.config import Settings, find_settings
from buglab.scan.errors import ConfigError


def project(folder: Path, table: str) -> Path:
    (folder / "pkg" / "deep").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    return folder / "pkg" / "deep"


def test_nearest_table_upwards_counts(tmp_path: Path) -> None:
    deep = project(tmp_path, '[tool.buglab]\nselect = ["BL1"]\nmin-confidence = 0.7\nmodel = "m"\nrespect-gitignore = false\n')
    (tmp_path / "pkg" / "pyproject.toml").write_text("[tool.other]\nx = 1\n", encoding="utf-8")
    settings = find_settings([deep])
    assert settings == Settings(
        select=("BL1",),
        min_confidence=0.7,
        model=tmp_path / "m",
        respect_gitignore=False,
        root=tmp_path,
        source=tmp_path / "pyproject.toml",
    )


def test_the_folder_common_to_all_paths_is_where_the_search_starts(tmp_path: Path) -> None:
    project(tmp_path / "a", "[tool.buglab]\njobs = 1\n")
    deep = project(tmp_path / "b", "[tool.buglab]\njobs = 2\n")
    (tmp_path / "pyproject.toml").write_text("[tool.buglab]\njobs = 3\n", encoding="utf-8")
    assert find_settings([deep, tmp_path / "b" / "pkg"]).jobs == 2
    assert find_settings([deep, tmp_path / "a" / "pkg"]).jobs == 3


def test_isolated_and_explicit_files(tmp_path: Path) -> None:
    deep = project(tmp_path, "[tool.buglab]\njobs = 1\n")
    assert find_settings([deep], isolated=True) == Settings(root=tmp_path)
    other = tmp_path / "scan.toml"
    other.write_text('ignore = ["BL3"]\n', encoding="utf-8")
    assert find_settings([deep], other).ignore == ("BL3",)


def test_flags_overrule(tmp_path: Path) -> None:
    settings = Settings(select=("BL1",), jobs=2).with_flags({"jobs": 4, "select": None, "respect_gitignore": False})
    assert (settings.jobs, settings.select, settings.respect_gitignore) == (4, ("BL1",), False)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            "[tool.buglab]\nmin_confidnce = 0.5\n",
            r"unknown key 'min_confidnce' in \[tool.buglab\]; did you mean 'min-confidence'\?",
        ),
        ("[tool.buglab]\nzzz = 1\n", "unknown key 'zzz'.*; known are baseline, cache, "),
        ("[tool.buglab]\nroot = 1\n", "unknown key 'root'"),
        ("[tool.buglab]\nmin-confidence = 1.5\n", "min-confidence = 1.5 must be a number from 0 to 1"),
        ("[tool.buglab]\nmin-confidence = nan\n", "min-confidence = nan must be a number from 0 to 1"),
        ("[tool.buglab]\nmin-confidence = true\n", "must be a number"),
        ('[tool.buglab]\nselect = "BL1"\n', "select = 'BL1' must be a list of strings"),
        ("[tool.buglab]\nselect = [1]\n", "must be a list of strings"),
        ('[tool.buglab]\noutput-format = "xml"\n', "must be one of full, concise, json, json-lines"),
        ('[tool.buglab]\nrespect-gitignore = "no"\n', "must be true or false"),
        ("[tool.buglab]\nmodel = 3\n", "must be the path of a folder"),
        ("[tool.buglab]\njobs = -1\n", "must be a whole number"),
        ("[tool]\nbuglab = 3\n", "tool.buglab must be a table"),
        ("[tool.buglab\n", "is not valid TOML"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, table: str, sentence: str) -> None:
    deep = project(tmp_path, table)
    with pytest.raises(ConfigError, match=sentence) as caught:
        find_settings([deep])
    assert str(tmp_path / "pyproject.toml") in str(caught.value)


def test_a_named_file_must_be_there_and_be_ours(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the configuration .*absent.toml"):
        find_settings([tmp_path], tmp_path / "absent.toml")
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"has no \[tool.buglab\] table"):
        find_settings([tmp_path], tmp_path / "pyproject.toml")
    (tmp_path / "latin.toml").write_bytes(b'select = ["\xff"]')
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        find_settings([tmp_path], tmp_path / "latin.toml")
