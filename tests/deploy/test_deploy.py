"""Manifests, compose file and Dockerfiles: valid by the official schemas, safe, and calling commands that exist."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from hydra import compose, initialize_config_module

from buglab.cli.main import group
from buglab.train import config

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
DOCKERFILES = sorted(DEPLOY.glob("*/Dockerfile"))
KUBERNETES = ("1.32", "1.37")
HADOLINT = shutil.which("hadolint", path=Path(sys.executable).parent) or shutil.which("hadolint")


def documents() -> list[tuple[Path, dict[str, Any]]]:
    return [(path, found) for path in MANIFESTS for found in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def pods(found: Any) -> Iterator[dict[str, Any]]:
    """The specifications of pods anywhere in a document."""
    if isinstance(found, dict):
        if "containers" in found:
            yield found
        for inner in found.values():
            yield from pods(inner)


@pytest.mark.parametrize("version", KUBERNETES)
def test_manifests_are_what_kubernetes_takes(version: str) -> None:
    kinds = set()
    for _, found in documents():
        kubernetes_validate.validate(found, version, strict=True)
        kinds.add(found["kind"])
    assert kinds == {"PersistentVolumeClaim", "Deployment", "Service", "Job", "CronJob"}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(found | {"spek": {}}, version, strict=True)


def test_every_container_is_bounded_and_may_do_little() -> None:
    seen = 0
    for path, found in documents():
        for pod in pods(found):
            assert pod["automountServiceAccountToken"] is False, path
            assert pod["securityContext"]["runAsNonRoot"] is True, path
            for container in pod["containers"]:
                seen += 1
                assert {"cpu", "memory"} <= set(container["resources"]["requests"]) & set(container["resources"]["limits"]), (
                    path
                )
                own = container["securityContext"]
                assert own["readOnlyRootFilesystem"] is True, path
                assert own["allowPrivilegeEscalation"] is False, path
                assert own["capabilities"] == {"drop": ["ALL"]}, path
                mounted = {mount["name"] for mount in container["volumeMounts"]}
                assert mounted == {volume["name"] for volume in pod["volumes"]}, path
    assert seen == 5


def test_the_compose_file_is_one() -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert [error.message for error in validator.iter_errors(found)] == []
    assert list(validator.iter_errors(found | {"servises": {}}))
    for service in found["services"].values():
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def calls() -> list[list[str]]:
    """What is called in containers: the image's entry point is `buglab`, but for Gaudi's launch script."""
    of_pods = [container["args"] for _, found in documents() for pod in pods(found) for container in pod["containers"]]
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"].values()
    return [*of_pods, *(service["command"] for service in services if "command" in service)]


def test_containers_call_commands_that_exist() -> None:
    config.register()
    for command, *arguments in calls():
        arguments = [
            word.replace("${EXPERIMENT:-smoke}", "smoke").replace("${CORPUS:-release}", "release") for word in arguments
        ]
        if command in ("scan", "serve"):
            found = group.get_command(None, command)  # type: ignore[arg-type]
            assert found is not None
            found.make_context(command, arguments)
        else:
            overrides = arguments if command in ("train", "corpus") else [command, "experiment=gaudi"]
            with initialize_config_module("buglab.conf", version_base="1.3"):
                compose("corpus" if command == "corpus" else "train", overrides)


@pytest.mark.skipif(HADOLINT is None, reason="hadolint has no wheel for this platform")
@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_dockerfiles_pass_the_linter(path: Path) -> None:
    ran = subprocess.run([str(HADOLINT), path], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")
