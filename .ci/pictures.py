"""Draws the pictures of the guide from a real scan of the planted bugs: `python .ci/pictures.py` (needs Chromium and Pillow).

The terminal becomes an SVG by way of rich, the HTML report a picture by way of a real browser.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 200_000
SCAN = [sys.executable, "-m", "buglab", "scan", "--isolated"]


def scan(folder: Path, *arguments: str) -> str:
    """What a scan in ``folder`` prints; findings are what we want, so exit code 1 it is."""
    ran = subprocess.run([*SCAN, *arguments], cwd=folder, capture_output=True, text=True, check=False, env=os.environ)
    if ran.returncode != 1:
        raise SystemExit(f"the scan ended with exit code {ran.returncode}, not with findings: {ran.stderr}")
    return ran.stdout


def terminal(folder: Path) -> None:
    """The two most confident findings in colour."""
    printed = scan(folder, "--color", "always", "--max-findings", "2")
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ bug-scan\n", style="bold"))
    console.print(Text.from_ansi(printed))
    svg = console.export_svg(title="bug-scan")
    whole = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # they would be loaded from elsewhere
    (PICTURES / "terminal.svg").write_text(whole, encoding="utf-8")


def report(folder: Path, scratch: Path) -> None:
    """The HTML report in both colour schemes, side by side."""
    page = scratch / "report.html"
    page.write_text(scan(folder, "--min-confidence", "0.05", "--output-format", "html"), encoding="utf-8")
    shots = []
    for dark in (False, True):
        shot = scratch / f"{dark}.png"
        browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1240,860"]
        scheme = [f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--screenshot={shot}"]
        subprocess.run([*browser, *scheme, page.as_uri()], check=True, capture_output=True, timeout=120)
        shots.append(Image.open(shot).convert("RGB"))
    both = shots[0].copy()
    width, height = both.size
    both.paste(shots[1].crop((width // 2, 0, width, height)), (width // 2, 0))
    both.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(PICTURES / "report.png", optimize=True)


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        planted = (ROOT / "tests" / "planted" / "wrong.py").read_text(encoding="utf-8")
        shapes, account, bank = planted.partition("class Account")
        for path, text in (("shapes/geometry.py", shapes), ("bank/account.py", account + bank)):
            (project / path).parent.mkdir(parents=True)
            (project / path).write_text(text, encoding="utf-8")
        terminal(project)
        report(project, Path(name))
    for path in sorted(PICTURES.iterdir()):
        size = path.stat().st_size
        print(f"{path.relative_to(ROOT)}: {size:,} bytes")
        if size > MOST_BYTES:
            raise SystemExit(f"{path} is larger than {MOST_BYTES:,} bytes")
