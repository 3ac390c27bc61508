"""Real scans in every format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from click.testing import CliRunner, Result

from buglab.cli.main import group
from buglab.scan.report import FORMATS

from ..scan.sarif_facts import faults
from .conftest import TEXT

Run = Callable[..., Result]


@pytest.fixture
def repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The top of a repository; the working directory is a folder inside, with a good file and a broken one."""
    (project / ".git").mkdir()
    (project / "sub").mkdir()
    (project / "sub" / "mod.py").write_text(TEXT, encoding="utf-8")
    (project / "sub" / "bad.py").write_text("def (:\n", encoding="utf-8")
    monkeypatch.chdir(project / "sub")
    return project


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reports_to_a_file_what_it_prints(repository: Path, buglab: Run, name: str) -> None:
    printed = buglab(".", "--output-format", name)
    assert printed.exit_code == 1
    assert buglab(".", "--output-format", name, "-o", "report").exit_code == 1
    assert (repository / "sub" / "report").read_text(encoding="utf-8") == printed.stdout
    assert "bad.py" in printed.stdout
    assert "mod.py" in printed.stdout
    (repository / "sub" / "mod.py").unlink()
    (repository / "sub" / "bad.py").unlink()
    assert buglab(".", "--output-format", name).exit_code == 0


def test_real_json_fits_the_schema_that_is_printed(repository: Path, buglab: Run) -> None:
    schema = json.loads(CliRunner().invoke(group, ["schema"]).output)
    found = json.loads(buglab(".", "--output-format", "json").stdout)
    assert len(found) == 2
    jsonschema.Draft202012Validator(schema).validate(found)
    lines = buglab(".", "--output-format", "json-lines").stdout.splitlines()
    jsonschema.Draft202012Validator(schema).validate([json.loads(line) for line in lines])


def test_services_are_told_paths_from_the_top_of_the_repository(repository: Path, buglab: Run) -> None:
    log = json.loads(buglab(".", "--output-format", "sarif").stdout)
    assert faults(log, "log", "log") == []
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in log["runs"][0]["results"]]
    assert places == [{"uri": f"sub/{name}.py", "uriBaseId": "SRCROOT"} for name in ("bad", "mod")]
    assert "file=sub/bad.py,line=1" in buglab(".", "--output-format", "github").stdout
    issues = json.loads(buglab(".", "--output-format", "gitlab").stdout)
    assert [issue["location"]["path"] for issue in issues] == ["sub/bad.py", "sub/mod.py"]
    suites = ElementTree.fromstring(buglab(".", "--output-format", "junit").stdout.encode())
    assert [suite.get("name") for suite in suites] == ["sub/bad.py", "sub/mod.py"]
    (repository / "mod.py").write_text(TEXT, encoding="utf-8")
    above = json.loads(buglab(str(repository / "mod.py"), "--output-format", "gitlab").stdout)
    assert [issue["location"]["path"] for issue in above] == ["mod.py"]


def test_only_programs_that_mark_them_are_told_of_suppressed_findings(repository: Path, buglab: Run) -> None:
    (repository / "sub" / "mod.py").write_text(f"# buglab: file-ignore\n{TEXT}", encoding="utf-8")
    told = {name for name in FORMATS if "mod.py" in buglab("mod.py", "--output-format", name).stdout}
    assert told == {"json", "json-lines", "sarif"}
