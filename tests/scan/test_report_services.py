"""Formats for services, against what their documentation says."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from buglab.scan.catalogue import catalogue
from buglab.scan.finding import Fix, Location, Replacement
from buglab.scan.report import Context, format_by_name
from buglab.scan.report import sarif as sarif_format
from buglab.scan.report.record import json_schema
from buglab.scan.verification import Verdict, Verification

from .sarif_facts import faults
from .test_report import BROKEN, CONTEXT, FINDING, render

OFFICIAL = os.environ.get("BUGLAB_SARIF_SCHEMA", "")
HOSTILE = replace(
    FINDING,
    filename="pkg/a b,%:é\n<\x01\udce9>.py",
    message='`"` & ]]> <b>\n::error::%0A\x00, `b` fits better',
    function="f<T>",
)
INSERTION = replace(
    FINDING,
    fix=Fix("Insert `not `", (Replacement("not ", Location(12, 9), Location(12, 9)),)),
    alternatives=(),
    suppressed=True,
)
KNOWN = replace(FINDING, known=True, filename="/elsewhere/ä.py")
ALL = (FINDING, BROKEN, HOSTILE, INSERTION, KNOWN)


def sarif(*findings: Any) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(render("sarif", *findings).encode("utf-8", "backslashreplace"))
    return log


def test_sarif_is_what_the_standard_says() -> None:
    assert faults(sarif(*ALL), "log", "log") == []
    assert faults(sarif(), "log", "log") == []
    assert faults({"version": "2.1", "runs": [{"tool": {}}], "x": 1}, "log", "log") == [
        "log.version is '2.1'",
        "log.runs[0].tool lacks driver",
        "log.x is no such property",
    ]


@pytest.mark.skipif(not OFFICIAL, reason="BUGLAB_SARIF_SCHEMA does not name the official sarif-schema-2.1.0.json of OASIS")
def test_sarif_fits_the_official_schema() -> None:
    schema = json.loads(Path(OFFICIAL).read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for log in (sarif(*ALL), sarif()):
        assert [error.message for error in validator.iter_errors(log)] == []
    assert list(validator.iter_errors({"version": "2.1.0", "runs": [{"tool": {}}]}))


def test_sarif_results_hold_rule_place_repair_and_fingerprint() -> None:
    run = sarif(FINDING)["runs"][0]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "BL101"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {entry.code for entry in catalogue()}
    assert all("## Why is this bad?" in rule["help"]["markdown"] for rule in run["tool"]["driver"]["rules"])
    place = result["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "pkg/mod.py", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 12, "startColumn": 9, "endLine": 12, "endColumn": 14},
    }
    assert result["rank"] == 93
    assert result["partialFingerprints"] == {"buglab/v1": "f" * 32}
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement == {"deletedRegion": place["region"], "insertedContent": {"text": "target"}}
    assert "uri" not in run["originalUriBaseIds"]["SRCROOT"]


def test_sarif_tells_why_a_finding_does_not_count() -> None:
    kinds = [
        [entry["kind"] for entry in result["suppressions"]] for result in sarif(FINDING, INSERTION, KNOWN)["runs"][0]["results"]
    ]
    assert kinds == [[], ["inSource"], ["external"]]


def test_sarif_names_files_from_the_top_of_the_repository() -> None:
    def uri(filename: str, context: Context) -> str:
        log = json.loads("".join(format_by_name("sarif")([replace(FINDING, filename=filename)], context)))
        found: str = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        return found

    inside = replace(CONTEXT, top="/repo", below="lib/src")
    assert uri("a b/ü.py", inside) == "lib/src/a%20b/%C3%BC.py"
    assert uri("/repo/other.py", inside) == "other.py"
    assert uri("/elsewhere/x.py", inside) == "file:///elsewhere/x.py"
    assert uri("caf\udce9.py", CONTEXT) == "caf%E9.py"


def test_sarif_keeps_the_most_confident_results_and_says_how_many_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sarif_format.MOST == 5_000
    monkeypatch.setattr(sarif_format, "MOST", 50)
    many = [replace(FINDING, confidence=at / 60) for at in range(53)]
    run = sarif(*many)["runs"][0]
    ranks = [result["rank"] for result in run["results"]]
    assert len(ranks) == 50
    assert ranks == sorted(ranks, reverse=True)
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith("3 less confident findings")


def test_github_commands() -> None:
    assert render("github", FINDING, BROKEN) == (
        "::warning file=pkg/mod.py,line=12,endLine=12,col=9,endColumn=14,title=BL101 variable-misuse::"
        "`index` is probably wrong here; `target` fits better [93%25]\n"
        "::error file=pkg/bad.py,line=3,endLine=3,col=1,endColumn=1,title=BL000 not-analysed::syntax error: expected INDENT\n"
    )
    (line,) = render("github", HOSTILE).splitlines()
    head, _, message = line.removeprefix("::").partition("::")
    assert dict(part.split("=") for part in head.removeprefix("warning ").split(","))["file"].startswith(
        "pkg/a b%2C%25%3Aé%0A<"
    )
    assert "%0A::error::%250A" in message
    long = replace(FINDING, end_location=Location(14, 2))
    assert "line=12,endLine=14,title=" in render("github", long)


def test_gitlab_issues() -> None:
    """https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""
    issues = json.loads(render("gitlab", *ALL).encode("utf-8", "backslashreplace"))
    for issue in issues:
        assert {"description", "check_name", "fingerprint", "severity", "location"} == set(issue)
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert not issue["location"]["path"].startswith("./")
    assert issues[0]["location"]["positions"] == {"begin": {"line": 12, "column": 9}, "end": {"line": 12, "column": 14}}
    assert json.loads(render("gitlab")) == []


def test_junit_has_a_suite_for_each_file_and_a_failed_case_for_each_finding() -> None:
    text = render("junit", FINDING, FINDING, BROKEN, HOSTILE).encode("utf-8")
    suites = ElementTree.fromstring(text)
    assert [suite.get("tests") for suite in suites] == ["2", "1", "1"]
    assert [(suite.get("failures"), suite.get("errors")) for suite in suites] == [("2", "0"), ("0", "1"), ("1", "0")]
    case = suites[0][0]
    assert (case.get("file"), case.get("line"), case.get("name")) == (
        "pkg/mod.py",
        "12",
        "BL101 variable-misuse in Parser.feed",
    )
    assert "+     use(target, 1)" in (case[0].text or "")
    assert suites[2].get("name") == "pkg/a b,%:é\n<��>.py"
    (empty,) = ElementTree.fromstring(render("junit"))
    assert (empty.get("tests"), empty.get("failures")) == ("1", "0")


def test_json_fits_the_generated_schema() -> None:
    schema = json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    tried = replace(FINDING, verification=Verification(Verdict.CONFIRMED, "a test passes now", ("test_it",), (), 1))
    assert json.loads(render("json", tried))[0]["verification"]["verdict"] == "confirmed"
    for findings in (ALL, (tried,), ()):
        assert list(validator.iter_errors(json.loads(render("json", *findings)))) == []
    record = json.loads(render("json", FINDING))[0]
    assert set(record) == set(schema["$defs"]["Record"]["required"])
    for name in record:
        assert list(validator.iter_errors([{**record, name: {"no": "such"}}])), name
    assert not re.search(r"``|\n", schema["$defs"]["Place"]["description"])
