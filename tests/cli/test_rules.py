"""``buglab rules`` and ``buglab rule``, and the list of commands."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from buglab.cli.main import COMMANDS, group
from buglab.scan.catalogue import catalogue


def test_every_rule_is_listed_with_code_name_and_summary() -> None:
    ran = CliRunner().invoke(group, ["rules"])
    assert ran.exit_code == 0
    for line, entry in zip(ran.output.splitlines(), catalogue(), strict=True):
        assert line.startswith(entry.code)
        assert entry.name in line
        assert line.endswith(entry.summary)


@pytest.mark.parametrize("name", ["BL101", "bl101", "variable-misuse"])
def test_a_rule_is_explained(name: str) -> None:
    ran = CliRunner().invoke(group, ["rule", name])
    assert ran.exit_code == 0
    assert ran.output.startswith("# variable-misuse (BL101)\n")
    for part in ("## Why is this bad?", "```diff\n", "# buglab: ignore[BL101]"):
        assert part in ran.output


def test_rules_as_json() -> None:
    listed = json.loads(CliRunner().invoke(group, ["rules", "--output-format", "json"]).output)
    assert [entry["code"] for entry in listed] == [entry.code for entry in catalogue()]
    assert json.loads(CliRunner().invoke(group, ["rule", "BL201", "--output-format", "json"]).output) in listed


def test_unknown_rules_get_a_hint() -> None:
    ran = CliRunner().invoke(group, ["rule", "BL1O1"])
    assert ran.exit_code == 2
    assert "no rule is called 'BL1O1'; did you mean BL101 (variable-misuse)?" in ran.stderr


def test_the_schema_is_printed() -> None:
    printed = json.loads(CliRunner().invoke(group, ["schema"]).output)
    assert printed["items"] == {"$ref": "#/$defs/Record"}


def test_shells_complete_commands_flags_and_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    def offered(line: str) -> str:
        monkeypatch.setenv("_BUGLAB_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        return CliRunner().invoke(group, prog_name="buglab").output

    assert "plain,baseline\n" in offered("buglab b")
    assert "plain,sarif\n" in offered("buglab scan --output-format s")
    assert offered("buglab rule bl50") == "plain,BL501\nplain,BL502\n"


def test_every_command_can_be_loaded_and_is_listed() -> None:
    listed = CliRunner().invoke(group, ["--help"]).output
    context = group.make_context("buglab", ["rules"])
    for name in COMMANDS:
        assert f"  {name}" in listed
        command = group.get_command(context, name)
        assert command is not None
        assert command.name == name
