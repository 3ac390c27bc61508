"""What the detector says about one text, as plain data: enough to judge it again under any settings, without the network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

MOST_ALTERNATIVES = 3


class Proposal(NamedTuple):
    """The best rewrite of one unit by one rule.  Offsets count characters of the text."""

    code: str
    score: float
    """log-odds against NO_BUG"""
    start: int
    end: int
    content: str
    """``text[start:end]`` becomes this"""
    stop: int
    """end of the place to point at: behind ``end`` where something is missing"""
    message: str
    others: tuple[tuple[str, float], ...]
    """the next best ways to write the same place, with their scores"""
    evidence: tuple[str, ...] = ()
    """sentences on what in the code speaks for it; none where the score is far too low for anybody to read them"""


class Unit(NamedTuple):
    """One function, class body or module body; ``proposals`` are the best ones of each rule, best first."""

    name: str
    start: int
    end: int
    proposals: tuple[Proposal, ...]


class Failure(NamedTuple):
    """Why a text could not be assessed."""

    sentence: str
    row: int = 1
    column: int = 1


class Seen(NamedTuple):
    """What a text's graphs had to do with another module of its project."""

    module: str
    """its dotted name"""
    content: str
    """stands for its bytes; empty where the project has no such module"""
    names: tuple[str, ...]
    """that were looked up in it"""
    says: str
    """stands for what it says about them"""


@dataclass(frozen=True, slots=True)
class Assessment:
    """All units of a text in order, or why there are none; it holds as long as the same would be seen around the text."""

    units: tuple[Unit, ...] = ()
    failure: Failure | None = None
    seen: tuple[Seen, ...] = ()

    def encode(self) -> bytes:
        return json.dumps([self.units, self.failure, self.seen], separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes) -> Assessment:
        """Raises ValueError if ``data`` is nothing that ``encode`` returned."""
        try:
            units, failure, seen = json.loads(data)
            return cls(
                tuple(Unit(name, start, end, tuple(_proposal(*one) for one in found)) for name, start, end, found in units),
                failure and Failure(*failure),
                tuple(Seen(module, content, tuple(names), says) for module, content, names, says in seen),
            )
        except (TypeError, RecursionError) as error:
            raise ValueError(f"no stored assessment: {error}") from None


def _proposal(*stored: Any) -> Proposal:
    *plain, others, evidence = stored
    return Proposal._make([*plain, tuple(map(tuple, others)), tuple(evidence)])
