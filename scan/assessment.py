"""What the detector says about one text, as plain data: enough to judge it again under any settings, without the network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, overload

MOST_ALTERNATIVES = 3


class Proposal(NamedTuple):
    """The best rewrite of one unit by one rule.  Offsets count characters of the text."""

    code: str
    score: float
    """what its confidence is made of: log-odds against NO_BUG, or what the model's reliability makes of them"""
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
    """One function, class body or module body; ``proposals`` are the best ones of each rule, the detector's favourite first."""

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


class StoredUnits(Sequence[Unit]):
    """Units as they are stored: decoded when one is looked at, which a scan of unchanged files does for hardly any."""

    def __init__(self, count: int, highest: Mapping[str, float], data: bytes) -> None:
        self.highest, self.data = highest, data
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Unit: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Unit]: ...

    def __getitem__(self, at: int | slice) -> Unit | Sequence[Unit]:
        return self._units[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._units == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def _units(self) -> tuple[Unit, ...]:
        """Raises ValueError if the data hold no units."""
        try:
            return tuple(
                Unit(name, start, end, tuple(_proposal(*one) for one in found))
                for name, start, end, found in json.loads(self.data)
            )
        except (TypeError, RecursionError) as error:
            raise ValueError(f"no stored units: {error}") from None


@dataclass(frozen=True, slots=True)
class Assessment:
    """All units of a text in order, or why there are none; it holds as long as the same would be seen around the text."""

    units: Sequence[Unit] = ()
    failure: Failure | None = None
    seen: tuple[Seen, ...] = ()
    lines: int = 0
    """physical ones"""
    remarked: bool = True
    """whether a comment may be meant for us"""

    @property
    def highest(self) -> Mapping[str, float]:
        """code -> the highest score of its proposals"""
        return self.units.highest if isinstance(self.units, StoredUnits) else _highest(self.units)

    def encode(self) -> bytes:
        """A line with what every scan asks for, then the units."""
        head = [len(self.units), self.highest, self.failure, self.seen, self.lines, self.remarked]
        stored = self.units.data if isinstance(self.units, StoredUnits) else _json(self.units)
        return _json(head) + b"\n" + stored

    @classmethod
    def decode(cls, data: bytes) -> Assessment:
        """Raises ValueError if ``data`` does not begin as what ``encode`` returns; what the units hold shows when they are
        looked at."""
        try:
            head, _, units = data.partition(b"\n")
            count, highest, failure, seen, lines, remarked = json.loads(head)
            return cls(
                StoredUnits(int(count), dict(highest), units),
                failure and Failure(*failure),
                tuple(Seen(module, content, tuple(names), says) for module, content, names, says in seen),
                int(lines),
                bool(remarked),
            )
        except (TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"no stored assessment: {error}") from None


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _highest(units: Iterable[Unit]) -> dict[str, float]:
    highest: dict[str, float] = {}
    for unit in units:
        for proposal in unit.proposals:
            highest[proposal.code] = max(proposal.score, highest.get(proposal.code, proposal.score))
    return highest


def _proposal(*stored: Any) -> Proposal:
    *plain, others, evidence = stored
    return Proposal._make([*plain, tuple(map(tuple, others)), tuple(evidence)])
