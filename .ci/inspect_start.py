"""``bug-scan --version`` from the installed wheel must not import the libraries that cost time."""

import sys

from buglab.cli.main import bug_scan

HEAVY = ("numpy", "libcst", "onnxruntime", "torch")

sys.argv = ["bug-scan", "--version"]
try:
    bug_scan()
except SystemExit as stop:
    if stop.code:
        raise
found = [name for name in HEAVY if name in sys.modules]
if found:
    sys.exit(f"bug-scan --version imports {found}")
print(f"imports {len(sys.modules)} modules, none of {', '.join(HEAVY)}")
