"""Modules around a scanned file."""

from __future__ import annotations

from pathlib import Path

from buglab.rewrites.outline import MAX_CHARACTERS
from buglab.scan.modules import Modules


def known(root: Path, path: str, module: str) -> bool:
    around = Modules(root).around(root / path)
    return around.project is not None and around.project.module(module) is not None


def test_modules_are_found_below_the_root_and_not_outside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "pkg").mkdir(parents=True)
    (root / "src" / "lib").mkdir(parents=True)
    (tmp_path / "secret.py").write_text("x = 1\n")
    texts = {"pkg/__init__.py": "", "pkg/a.py": "", "src/lib/__init__.py": "", "big.py": "#" * MAX_CHARACTERS + "\n"}
    for path, text in texts.items():
        (root / path).write_text(text)
    (root / "latin.py").write_bytes(b"# \xe9\n")
    (root / "link.py").symlink_to(tmp_path / "secret.py")
    (root / "inner.py").symlink_to(root / "pkg" / "a.py")
    (root / "loop.py").symlink_to(root / "loop.py")
    assert Modules(root).around(root / "pkg" / "a.py").module == "pkg.a"
    assert Modules(root).around(tmp_path / "secret.py").project is None
    found = [name for name in ("pkg", "pkg.a", "lib", "inner", "big", "latin", "link", "loop", "secret", "..secret", "json")
             if known(root, "pkg/a.py", name)]  # fmt: skip
    assert found == ["pkg", "pkg.a", "lib", "inner"]
