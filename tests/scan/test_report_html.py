"""The page for reviewers: whole, self-contained, deaf to what hostile code says; and alive in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from buglab.scan.finding import Alternative, Excerpt, Finding, Fix, Location, Replacement

from .test_report import BROKEN, FINDING, render

VOID = {"meta", "input", "img", "br", "circle", "rect"}
ATTACK = "</script><script>document.title='struck'</script><img src=x onerror=\"document.title='struck'\">"
HOSTILE = replace(
    FINDING,
    filename=f"lib/io/{ATTACK}.py",
    function=ATTACK,
    message=f"`{ATTACK}` is probably wrong here; `b` fits better",
    confidence=0.6,
    alternatives=(Alternative(ATTACK, 0.1),),
    evidence=(f"`{ATTACK}` stands here twice",),
    excerpt=Excerpt(12, (f"    use({ATTACK}\x1b[0m\u202e", "'''")),
)
HERE = replace(FINDING, filename="setup.py", code="BL206", name="wrong-membership-test", confidence=0.31)
ALL = (HOSTILE, FINDING, BROKEN, HERE)


class Page(HTMLParser):
    """Reads a page strictly: every tag is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> Iterator[dict[str, str]]:
        return (attributes for name, attributes in self.tags if name == tag)


def test_the_page_is_one_whole_file_that_needs_nothing_else() -> None:
    for findings in (ALL, (), (FINDING,)):
        page = Page(render("html", *findings))
        assert len(list(page.all("script"))) == 1
        assert not {"img", "link", "iframe", "object", "base"} & {tag for tag, _ in page.tags}
        for _, attributes in page.tags:
            assert not any(name.startswith("on") or name in ("src", "style") for name in attributes)
            assert attributes.get("href", "#").startswith("#")
        identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(identities) == len(set(identities))
        for _, attributes in page.tags:  # whoever names another element names one that is there
            for name in ("for", "aria-labelledby"):
                assert attributes.get(name) is None or attributes[name] in identities
    assert "http" not in re.sub(r"http-equiv", "", render("html", FINDING))


def test_a_finding_shows_code_repair_alternatives_reasons_and_what_its_number_means() -> None:
    told = replace(FINDING, evidence=("the parameter that takes it is called `target`",))
    text = render("html", told)
    assert '<del class="row del">' in text
    assert "use(<mark>index</mark>, " in text
    assert "use(<mark>target</mark>, " in text
    assert "also possible</th><td><code>other</code>" in text
    assert "<li>the parameter that takes it is called <code>target</code></li>" in text
    assert "# buglab: ignore[BL101]" in text
    assert "no proof that there are no bugs" in render("html")


@pytest.mark.parametrize(
    ("edit", "rows"),
    [
        (Replacement("not ", Location(2, 4), Location(2, 4)), ["if a:", "if not a:"]),
        (Replacement("a\nif b", Location(2, 4), Location(2, 5)), ["if a:", "if a", "if b:"]),
        (Replacement("", Location(1, 6), Location(2, 4)), ["x = 1", "if a:", "x = 1a:"]),
    ],
)
def test_repairs_over_several_lines(edit: Replacement, rows: list[str]) -> None:
    finding: Finding = replace(
        FINDING,
        location=edit.location,
        end_location=edit.end_location,
        excerpt=Excerpt(1, ("x = 1", "if a:", "    y = 2")),
        fix=Fix("", (edit,)),
    )
    text = render("html", finding)
    changed = re.findall(r'<(?:del|ins) class="row \w+">(.*?)\n</', text)
    assert [re.sub(r"<[^>]*>", "", row) for row in changed] == rows


def test_places_outside_the_excerpt_do_not_break_the_page() -> None:
    far = replace(FINDING, fix=Fix("", (Replacement("b", Location(12, 9), Location(40, 2)),)), end_location=Location(40, 2))
    assert "<del" not in render("html", far, replace(FINDING, excerpt=None))
    line = "x = [" + "0, " * 400 + "index" + ", 1" * 200 + "]"
    start, end = Location(1, line.index("index") + 1), Location(1, line.index("index") + 6)
    long = replace(FINDING, location=start, end_location=end, excerpt=Excerpt(1, (line[:1000],)))
    Page(render("html", long))


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_in_a_browser_filters_work_and_hostile_code_does_nothing(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(render("html", *ALL), encoding="utf-8")

    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
    ]
    address = f"{page.as_uri()}#?least=50&rules=BL101&folder=lib/io"
    dom = subprocess.run([*command, address], capture_output=True, text=True, check=True, timeout=300).stdout
    cards = re.findall(r'<article class="finding \w+" id="(\w+)"[^>]*?( hidden="")?>', dom)
    assert [identity for identity, _ in cards] == ["f0", "f1", "f2", "f3"]
    assert [identity for identity, hidden in cards if not hidden] == ["f1"]
    assert "1 of 4 findings shown" in dom
    assert "<title>4 findings · BugLab</title>" in dom
