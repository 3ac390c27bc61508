"""What the graphs of served files show of their neighbours, and of nothing outside of the folder."""

from __future__ import annotations

from pathlib import Path

from buglab.scan.config import Settings
from buglab.scan.project import Projects
from buglab.serve.folder import Root


def test_files_see_what_lies_below_the_folder_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name, text in {
        "pyproject.toml": "",
        "secret.py": "def secret(password='hush'): pass\n",
        "root/shop/__init__.py": "",
        "root/shop/cart.py": "from .till import pay\nfrom secret import secret\n",
        "root/shop/till.py": "def pay(sum): pass\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (root / "linked.py").symlink_to(tmp_path / "secret.py")
    (root / "away").symlink_to(tmp_path)
    served = Root.at(root, Settings())
    for asked in (".", "shop", "shop/cart.py"):
        (cart,) = [file for file in served.files(asked) if file.shown == "shop/cart.py"]
        around = Projects().around(cart)
        assert around.project is not None
        assert around.module == "shop.cart"
        till = around.project.module("shop.till")
        assert till is not None
        assert [*till.outline.functions] == ["pay"]
        assert around.project.module("secret") is None
        for name in ("linked", "away.secret"):
            module = around.project.module(name)
            assert module is None or not module.outline.functions
