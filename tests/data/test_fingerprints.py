from __future__ import annotations

import zipfile
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import numpy as np
import pytest

from buglab.data.fingerprint_list import FingerprintList
from buglab.data.fingerprints import fingerprints, held_out_files, main
from buglab.data.heldout import Guard

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


def test_the_list_can_be_read_again_and_grows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "api.py").write_bytes(CODE)
    (tmp_path / "requests" / "broken.py").write_text("def f(:")
    output = tmp_path / "list.npy"
    main(str(output), [str(tmp_path)])
    expected = FingerprintList(fingerprints(CODE))
    assert FingerprintList.read(output) == expected
    assert f"requests {len(expected)}\n" in capsys.readouterr().out
    (tmp_path / "requests" / "api.py").write_bytes((STDLIB / "bisect.py").read_bytes())
    main(str(output), [str(tmp_path)])
    found = FingerprintList.read(output)
    assert found == expected | FingerprintList(fingerprints((STDLIB / "bisect.py").read_bytes()))
    assert len(found) > len(expected) > 5


def test_a_list_knows_what_is_in_it() -> None:
    generator = np.random.default_rng(0)
    values = generator.integers(2**48, size=10_000, dtype=np.uint64)
    known = FingerprintList(values[:9_000].tolist())
    assert known.knows(values[:9_000]).all()
    assert known.knows(values[9_000:]).sum() <= 1  # 32 bits: 9,000 / 2**32 by chance
    assert int(values[0]) in known
    assert int(values[-1]) not in known
    assert not FingerprintList().knows([1, 2]).any()
    assert known.knows([]).tolist() == []


def test_a_list_travels_to_other_processes() -> None:
    known = FingerprintList([3, 1, 2**47])
    assert ForkingPickler.loads(bytes(ForkingPickler.dumps(known))) == known


@pytest.mark.parametrize(
    "array", [np.array([2, 1], "<u4"), np.array([1, 1], "<u4"), np.array([1, 2], "<u8"), np.array([[1]], "<u4")], ids=str
)
def test_other_arrays_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match=r"a\.npy: not a list of fingerprints"):
        FingerprintList.read(tmp_path / "a.npy")


def test_a_damaged_list_is_refused(tmp_path: Path) -> None:
    FingerprintList(range(1000)).write(tmp_path / "a.npy")
    whole = (tmp_path / "a.npy").read_bytes()
    for damaged in (b"", whole[:50], whole[:-1], b"text\n"):
        (tmp_path / "a.npy").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"a\.npy: not a list of fingerprints"):
            FingerprintList.read(tmp_path / "a.npy")
