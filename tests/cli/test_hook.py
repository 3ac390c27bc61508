"""The pre-commit hook, with the real pre-commit in a real repository: it builds its environment from a clone of this one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import TEXT

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Repository:
    """A git repository apart from any other configuration of git or pre-commit."""

    folder: Path
    environment: dict[str, str]

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=900)

    def commit(self, name: str, text: str) -> subprocess.CompletedProcess[str]:
        """What ``git commit`` says to the file ``name`` with this text."""
        (self.folder / name).write_text(text, encoding="utf-8")
        assert self.git("add", name).returncode == 0
        return self.git("commit", "-m", f"add {name}")

    def files(self) -> set[str]:
        """What is committed."""
        return set(self.git("ls-tree", "--name-only", "HEAD").stdout.split())


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "PYTHON"))}
    people = {f"GIT_{who}_{what}": "tester@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    home = str(tmp_path_factory.mktemp("pre-commit"))
    return {**kept, **people, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PRE_COMMIT_HOME": home}


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> tuple[Path, str]:
    """A repository with this project as it stands, and its revision."""
    folder = tmp_path_factory.mktemp("tool")
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    repository = Repository(folder, environment)
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "as it stands"]):
        ran = repository.git(*arguments)
        assert ran.returncode == 0, ran.stderr
    return folder, repository.git("rev-parse", "HEAD").stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, environment: dict[str, str], tool: tuple[Path, str], model: Path) -> Repository:
    """A user's repository with the hook installed twice: as it comes, and reporting whatever an untrained detector says."""
    found = Repository(tmp_path / "theirs", environment)
    found.folder.mkdir()
    (found.folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {tool[0]}\n  rev: {tool[1]}\n  hooks:\n"
        f'  - id: bug-scan\n    args: [--model, "{model}", --min-confidence, "0"]\n'
        "  - id: bug-scan\n    name: as it comes\n",
        encoding="utf-8",
    )
    assert found.git("init", "-q").returncode == 0
    installed = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install"],
        cwd=found.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return found


def test_commits_are_refused_for_findings_and_pass_without(repository: Repository, environment: dict[str, str]) -> None:
    passed = repository.commit("fine.py", "import os\n")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "bug-scan.................................................................Passed" in passed.stdout + passed.stderr

    assert "as it comes..............................................................Passed" in passed.stdout + passed.stderr

    other = repository.commit("notes.txt", "def (:\n")
    assert "(no files to check)Skipped" in other.stdout + other.stderr

    refused = repository.commit("wrong.py", TEXT)
    said = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert "wrong.py:" in said
    assert "in pick" in said
    assert "exit code: 1" in said

    broken = repository.commit("wrong.py", "def (:\n")
    assert "BL000 syntax error" in broken.stdout + broken.stderr

    silenced = repository.commit("wrong.py", "# buglab: file-ignore not now\n" + TEXT)
    assert silenced.returncode == 0, silenced.stdout + silenced.stderr
    assert repository.files() == {"fine.py", "notes.txt", "wrong.py"}

    packages = {path.name for path in Path(environment["PRE_COMMIT_HOME"]).glob("repo*/py_env-*/lib/python*/site-packages/*")}
    assert {"buglab", "numpy", "libcst"} <= packages
    assert not packages & {"torch", "mlflow", "hydra"}
