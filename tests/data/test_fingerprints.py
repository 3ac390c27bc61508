from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from buglab.data.fingerprints import fingerprints, held_out_files, main
from buglab.data.heldout import Guard, read_fingerprints

from .conftest import STDLIB

CODE = (STDLIB / "heapq.py").read_bytes()


def test_only_held_out_code_is_fingerprinted(tmp_path: Path, guard: Guard) -> None:
    paths = ["requests/api.py", "requests/_vendor/six.py", "other/requests/api.py", "zc/buildout/x.py", "peewee.py", "mine.py"]
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as archive:
        for path in paths:
            (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "tree" / path).write_bytes(CODE)
            archive.writestr(path, CODE)
    for place in (tmp_path / "tree", tmp_path / "a.whl"):
        assert sorted(name for name, _ in held_out_files(place, guard)) == ["peewee", "requests", "zc.buildout"]


def test_the_list_can_be_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "api.py").write_bytes(CODE)
    (tmp_path / "requests" / "broken.py").write_text("def f(:")
    main([str(tmp_path)])
    (tmp_path / "list.txt").write_text(capsys.readouterr().out)
    assert read_fingerprints(tmp_path / "list.txt") == set(fingerprints(CODE)) != set()
