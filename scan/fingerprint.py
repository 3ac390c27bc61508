"""What identifies a finding over time: no line numbers, no message, no probability."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from .finding import Finding
from .layout import Layout, Statement

_QUOTED = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<quote>'|\")(?P<body>[^'\"\\]*)(?P=quote)")


def normalised(text: str, statement: Statement | None) -> str:
    """The statement's tokens, one space apart, as no formatter would change them.

    Comments and line breaks are gone, quotes are double where that makes no difference, and a comma before a closing bracket
    is dropped.
    """
    words: list[str] = []
    for token in statement.tokens if statement else ():
        word = text[token.start : token.end]
        if token.kind == "string" and (plain := _QUOTED.fullmatch(word)):
            word = f'{plain["prefix"].lower()}"{plain["body"]}"'
        if word in (")", "]", "}") and words and words[-1] == ",":
            words.pop()
        words.append(word)
    return " ".join(words)


class Fingerprints:
    """Gives the findings of one file their fingerprints.

    ``path`` is the file's path relative to the project's root with forward slashes: a checkout elsewhere gives the same.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self._layout: Layout | None = None

    def assign(self, findings: Iterable[tuple[int, Finding]]) -> list[Finding]:
        """The findings, given with their character offsets and in order of place, with their fingerprints filled in."""
        seen: Counter[tuple[str, ...]] = Counter()
        signed: list[Finding] = []
        for offset, finding in findings:
            self._layout = self._layout or Layout.of(self.text)
            statement = normalised(self.text, self._layout.statement_at(offset))
            key = (finding.code, self.path, finding.function, statement)
            signed.append(replace(finding, fingerprint=digest(*key, str(seen[key]))))
            seen[key] += 1
        return signed


def digest(*parts: str) -> str:
    """32 hexadecimal digits over the parts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
