"""The GitHub Action and the CI examples of the documentation, against their services' schemas; the action's steps, in bash."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return found


def step(action: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (step for step in action["runs"]["steps"] if name in (step.get("id"), step.get("name")))
    return dict(found)


def test_the_action_is_what_github_documents(action: dict[str, Any]) -> None:
    schema = get_builtin_schema("vendor.github-actions")
    jsonschema.validate(action, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**action, "runs": {"using": "composite"}}, schema)


def test_whatever_the_action_refers_to_is_there_and_no_input_is_part_of_a_script(action: dict[str, Any]) -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    ids = {step["id"]: step for step in action["runs"]["steps"] if "id" in step}
    for expression in re.findall(r"\$\{\{(.*?)\}\}", text):
        assert set(re.findall(r"inputs\.([\w-]+)", expression)) <= set(action["inputs"])
        for at, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", expression):
            assert output == "python-path" or f"{output}=" in ids[at]["run"]
    assert not [step for step in action["runs"]["steps"] if "${{" in step.get("run", "")]


def test_its_steps_scan_annotate_and_decide(action: dict[str, Any], project: Path, model: Path) -> None:
    """All scripts but the installation's, as GitHub calls bash."""
    scan = project.parent / "bug scan"
    scan.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m buglab scan "$@"\n', encoding="utf-8")
    scan.chmod(0o755)
    (project / "a folder").mkdir()
    (project / "mod.py").rename(project / "a folder" / "mod.py")

    def run(name: str, **given: str) -> tuple[int, str, dict[str, str]]:
        outputs = project.parent / "outputs"
        outputs.write_text("", encoding="utf-8")
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(action, name)["run"]],
            env={**os.environ, **given, "GITHUB_OUTPUT": str(outputs)},
            capture_output=True,
            text=True,
            check=False,
        )
        said = dict(line.split("=", 1) for line in outputs.read_text(encoding="utf-8").splitlines())
        return ran.returncode, ran.stdout, said

    files = {"SARIF": str(project.parent / "r.sarif"), "ANNOTATIONS": str(project.parent / "r.txt")}
    given = {"SCAN": str(scan), "PATHS": "a folder\n\n", "DIFF_BASE": "", "ARGUMENTS": "--min-confidence 0 --model", **files}
    code, shown, said = run("scan", **{**given, "ARGUMENTS": f"{given['ARGUMENTS']} {model}"})
    assert code == 0
    assert shown.startswith("::warning file=a folder/mod.py,")
    assert said == {"findings": "1", "sarif": files["SARIF"], "exit-code": "1"}
    assert len(json.loads(Path(files["SARIF"]).read_text(encoding="utf-8"))["runs"][0]["results"]) == 1
    code, _, said = run("scan", **{**given, "DIFF_BASE": "no-such-revision", "ARGUMENTS": "--quiet"})
    assert (code, said) == (0, {"exit-code": "2"})
    decided = [run("Result", CODE=code, FAIL=fail)[0] for code in "012" for fail in ("true", "false")]
    assert decided == [0, 0, 1, 0, 2, 2]


def test_the_examples_in_the_documentation_are_valid() -> None:
    text = (ROOT / "docs" / "scanning.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    (workflow,) = (block for block in blocks if "jobs" in block)
    workflow["on"] = workflow.pop(True)  # what YAML 1.1 makes of `on`
    jsonschema.validate(workflow, get_builtin_schema("vendor.github-workflows"))
    (pipeline,) = (block for block in blocks if "buglab" in block)
    jsonschema.validate(pipeline, get_builtin_schema("vendor.gitlab-ci"))
