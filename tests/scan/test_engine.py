"""Real files through the whole engine with a real, untrained detector: what it finds says nothing, how it is told must hold."""

from __future__ import annotations

import os
import re
import sysconfig
from pathlib import Path

import pytest

from buglab.scan.config import Settings
from buglab.scan.content import MOST_BYTES
from buglab.scan.engine import Engine, patience
from buglab.scan.errors import CannotScan
from buglab.scan.files import File, find_files
from buglab.scan.finding import Finding
from buglab.scan.judge import FileReport, count_lines

STDLIB = Path(sysconfig.get_paths()["stdlib"])
TEXT = """\
def pick(items, index, default):
    if index < len(items) and items:
        return items[index]
    return default


class Box:
    def put(self, left, right):
        return merge(left, right + 1)
"""


def scan(paths: list[Path], model: Path, **settings: object) -> list[FileReport]:
    told = Settings(model=model, **{"min_confidence": 0.0, "root": paths[0].parent, **settings})  # type: ignore[arg-type]
    return list(Engine.prepare(told).scan(find_files(paths, told)))


def one(folder: Path, model: Path, text: str | bytes, **settings: object) -> list[Finding]:
    path = folder / "mod.py"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    (report,) = scan([path], model, **settings)
    return list(report.findings)


def test_best_candidate_of_every_function_is_reported_at_zero(tmp_path: Path, model: Path) -> None:
    found = one(tmp_path, model, TEXT)
    assert [finding.function for finding in found] == ["pick", "Box.put"]
    for finding in found:
        assert finding.fix is not None
        assert finding.score is not None
        assert 0 <= finding.confidence <= 1
        assert len(finding.fingerprint) == 32


def test_applying_the_edits_gives_the_proposal(tmp_path: Path, model: Path) -> None:
    lines = TEXT.splitlines(keepends=True)
    for finding in one(tmp_path, model, TEXT):
        assert finding.fix is not None
        (edit,) = finding.fix.edits
        assert edit.location.row == edit.end_location.row
        line = lines[edit.location.row - 1]
        changed = line[: edit.location.column - 1] + edit.content + line[edit.end_location.column - 1 :]
        assert changed != line
        compile("".join([*lines[: edit.location.row - 1], changed, *lines[edit.location.row :]]), "mod.py", "exec")


def test_threshold_select_and_ignore(tmp_path: Path, model: Path) -> None:
    found = one(tmp_path, model, TEXT)
    middle = sorted(finding.confidence for finding in found)[1]
    assert [f.confidence for f in one(tmp_path, model, TEXT, min_confidence=middle)] == [middle]
    assert {f.code for f in one(tmp_path, model, TEXT, select=("BL401",))} <= {"BL401"}
    assert [f.function for f in one(tmp_path, model, TEXT, select=("swapped-arguments",))] == ["Box.put"]
    without = one(tmp_path, model, TEXT, ignore=tuple(f.code for f in found))
    assert not {f.code for f in without} & {f.code for f in found}


def test_suppressed_findings_are_marked_and_unused_comments_told(tmp_path: Path, model: Path) -> None:
    text = "# buglab: file-ignore[BL999]\n" + TEXT.replace("+ 1)", "+ 1)  # buglab: ignore because")
    path = tmp_path / "mod.py"
    path.write_text(text, encoding="utf-8")
    (report,) = scan([path], model)
    assert [(finding.function, finding.suppressed) for finding in report.findings] == [("pick", False), ("Box.put", True)]
    assert [(remark.row, remark.sentence) for remark in report.remarks] == [
        (1, "no rule is called 'BL999'; `buglab rules` lists them")
    ]


def test_a_stricter_run_does_not_make_a_comment_idle(tmp_path: Path, model: Path) -> None:
    path = tmp_path / "mod.py"
    path.write_text(TEXT.replace("+ 1)", "+ 1)  # buglab: ignore"), encoding="utf-8")
    usual = Engine.prepare(Settings(model=model)).threshold
    (finding,) = [finding for report in scan([path], model) for finding in report.findings if finding.suppressed]
    (report,) = scan([path], model, min_confidence=1.0)
    assert bool(report.remarks) == (finding.confidence < usual)
    assert not report.findings


@pytest.mark.parametrize(
    ("data", "row", "sentence"),
    [
        (b"def f(:\n    pass\n", 2, "syntax error"),
        (b"x = 1\nif x:\ny = 2\n", 3, "syntax error"),
        (b"x = 1\ny = '\xff\xfe'\n", 2, "byte 0xff is not valid utf-8"),
        (b"# coding: klingon\nx = 1\n", 1, "unknown encoding: klingon"),
        (b"# coding: zip\nx = 1\n", 1, "is not a text encoding"),
        (b"# coding: punycode\nx = 1\n", 1, "encoding is unknown or wrong|is not valid punycode"),
        ("x = 1\n".encode("utf-16"), 1, "encoding"),
        (b"x = 1\n\0\n", 2, "null byte"),
        (b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", 1, "nested more than"),
        (b"".join(b" " * depth + b"if x:\n" for depth in range(500)) + b" " * 500 + b"pass\n", 1, "indentation"),
        (b"x = '''\n", 1, "unterminated"),
        (b"print 'hello'\n", 1, "syntax error"),
    ],
)
def test_what_cannot_be_analysed_is_finding_bl000(tmp_path: Path, model: Path, data: bytes, row: int, sentence: str) -> None:
    (found,) = one(tmp_path, model, data, min_confidence=1.0, select=("BL2",))
    assert (found.code, found.severity, found.fix, found.score) == ("BL000", "error", None, None)
    assert re.search(sentence, found.message)
    assert "\n" not in found.message
    assert found.location.row == row
    assert one(tmp_path, model, data, ignore=("BL000",)) == []


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"# only a comment", b"\xef\xbb\xbf", b"\x0c\n", b"import os", b"\r\n\r\n", b"\xef\xbb\xbfpass\r\n"]
)
def test_what_is_fine_has_no_findings(tmp_path: Path, model: Path, data: bytes) -> None:
    assert one(tmp_path, model, data) == []


def test_encodings_line_ends_and_wide_characters(tmp_path: Path, model: Path) -> None:
    text = "def f(größe, 数):\n    return f('é😀', größe - 数)\n"
    plain = one(tmp_path, model, text)
    assert len(plain) == 1
    for data in (text.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + text.encode(), text.replace("\n", "\r").encode()):
        (found,) = one(tmp_path, model, data)
        assert (found.location, found.end_location, found.fix) == (plain[0].location, plain[0].end_location, plain[0].fix)
        assert found.fingerprint == plain[0].fingerprint
    latin = "# -*- coding: latin-1 -*-\ndef f(größe, b):\n    return f('é', größe - b)\n".encode("latin-1")
    assert [f.code[:3] for f in one(tmp_path, model, latin)] != ["BL0"]


def test_files_that_cannot_be_read_are_findings(tmp_path: Path, model: Path) -> None:
    loop = tmp_path / "loop.py"
    loop.symlink_to("loop.py")
    (tmp_path / "ok.py").write_text("pass\n", encoding="utf-8")
    reports = scan([loop, tmp_path / "ok.py"], model)
    assert [finding.code for report in reports for finding in report.findings] == ["BL000"]
    assert "the file cannot be read: " in reports[0].findings[0].message
    (report,) = Engine.prepare(Settings(model=model)).scan(
        [File(tmp_path, "folder", "folder", problem="the folder cannot be read: no")]
    )
    assert report.findings[0].message == "the folder cannot be read: no"


def test_endless_files_are_not_read_to_the_end(tmp_path: Path, model: Path) -> None:
    zero = Path("/dev/zero")
    if not zero.exists():
        pytest.skip("no /dev/zero here")
    (report,) = scan([zero], model, root=tmp_path)
    assert f"more than {MOST_BYTES:,} bytes" in report.findings[0].message


def test_several_processes_find_the_same_as_one(tmp_path: Path, model: Path) -> None:
    paths = [STDLIB / name for name in ("shlex.py", "fnmatch.py", "textwrap.py", "bisect.py", "heapq.py", "json")]
    (tmp_path / "bad.py").write_text("def (\n", encoding="utf-8")
    alone = scan([*paths, tmp_path / "bad.py"], model, jobs=1)
    assert alone == scan([*paths, tmp_path / "bad.py"], model, jobs=3)
    assert [report.shown for report in alone] == sorted(report.shown for report in alone)
    assert sum(report.lines for report in alone) > 2000


def test_a_file_that_kills_its_process_costs_only_itself(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The analysis is made to die on one file, as a bug in a native parser would do it."""
    from buglab.scan import analysis, pool

    decode = analysis.decode

    def deadly(data: bytes) -> str:
        if b"deadly" in data:
            os.kill(os.getpid(), 9)
        return decode(data)

    if pool.start_method() != "fork":
        monkeypatch.setattr(pool, "start_method", lambda: "fork")
    monkeypatch.setattr(analysis, "decode", deadly)
    for name, text in {"a.py": TEXT, "b.py": "deadly", "c.py": TEXT, "d.py": TEXT}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    reports = scan([tmp_path], model)
    assert [len(report.findings) for report in reports] == [2, 1, 2, 2]
    assert (
        reports[1]
        .findings[0]
        .message.startswith("the file could not be analysed: the process that analysed it was ended by SIGKILL")
    )


def test_unknown_rules_and_missing_models_stop_the_scan(tmp_path: Path, model: Path) -> None:
    with pytest.raises(CannotScan, match="no rule is called 'BL999'"):
        Engine.prepare(Settings(select=("BL999",), model=model))
    with pytest.raises(CannotScan, match="no model folder at"):
        Engine.prepare(Settings(model=tmp_path / "absent"))


def test_patience_grows_with_size(tmp_path: Path) -> None:
    small, large = File(tmp_path, "s", "s", 1_000), File(tmp_path, "l", "l", 4_000_000)
    assert 30 < patience([small]) < 60 < 900 < patience([large])


def test_lines_are_physical() -> None:
    assert [count_lines(text) for text in ("", "a", "a\n", "a\nb", "a\n\n")] == [0, 1, 1, 2, 2]
