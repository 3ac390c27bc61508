"""Output formats, one a file: each turns findings into pieces of text as they come."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ..finding import Finding
from ..meaning import Meaning


class Kind(NamedTuple):
    """What a format is: the module that writes it; whether its readers are programs (then it is UTF-8 wherever it goes); and
    whether they are told of suppressed findings too, marked as such."""

    module: str
    data: bool = False
    complete: bool = False


FORMATS = {
    "full": Kind("full"),
    "concise": Kind("concise"),
    "json": Kind("json", data=True, complete=True),
    "json-lines": Kind("json_lines", data=True, complete=True),
    "sarif": Kind("sarif", data=True, complete=True),
    "github": Kind("github", data=True),
    "gitlab": Kind("gitlab", data=True),
    "junit": Kind("junit", data=True),
    "html": Kind("html", data=True),
}


@dataclass(frozen=True, slots=True)
class Context:
    """What a report says beside the findings, and how."""

    model: str
    sha256: str
    colour: bool = False
    meaning: Meaning = field(default_factory=Meaning)
    top: str = ""
    """the folder of the repository, absolute"""
    below: str = ""
    """the working directory as seen from there, empty if it is the same; both with forward slashes"""

    def from_top(self, filename: str) -> str:
        """A finding's file as seen from the top of the repository, which is what services that show reports expect."""
        if filename.startswith("/") or filename[1:2] == ":":
            return filename.removeprefix(self.top + "/") if self.top else filename
        return f"{self.below}/{filename}" if self.below else filename


class Format(Protocol):
    """A format: gives the report of ``findings`` piece by piece, without waiting for the last one where it can."""

    def __call__(self, findings: Iterable[Finding], context: Context) -> Iterator[str]: ...


def format_by_name(name: str) -> Format:
    """The format called ``name``, a key of FORMATS."""
    render: Format = importlib.import_module(f".{FORMATS[name].module}", __name__).render
    return render
