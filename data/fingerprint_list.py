"""A list of known fingerprints in its compact form: a sorted array of 32-bit hashes in numpy's file format, mapped into memory.

Fingerprints have 48 bits; the list keeps the low 32.  By chance it then knows ``len(list) / 2**32`` of all strange functions,
one in ten thousand for four hundred thousand: that many good functions are lost, and not one copy more gets in.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

_STORED = np.dtype("<u4")


class FingerprintList:
    """Known fingerprints; answers for single ones and for whole arrays."""

    def __init__(self, values: Iterable[int] = ()) -> None:
        self._sorted: NDArray[np.uint32] = np.unique(_low(np.fromiter(values, np.uint64)))

    @classmethod
    def read(cls, path: Path) -> FingerprintList:
        """Map the file at ``path``.  Raises ValueError if it is not such a list."""
        try:
            found = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise ValueError(f"{path}: not a list of fingerprints ({error}); delete it or make it anew") from None
        if not isinstance(found, np.ndarray) or found.dtype != _STORED or found.ndim != 1 or np.any(found[1:] <= found[:-1]):
            raise ValueError(f"{path}: not a list of fingerprints (sorted 32-bit numbers); delete it or make it anew")
        known = cls()
        known._sorted = found.view(np.ndarray)
        return known

    def write(self, path: Path) -> None:
        """Write the list to ``path``, replacing what is there only when all is written."""
        temporary = path.with_name(f".{path.name}.tmp")
        with temporary.open("wb") as file:
            np.save(file, self._sorted.astype(_STORED), allow_pickle=False)
        temporary.replace(path)

    def __len__(self) -> int:
        return len(self._sorted)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FingerprintList) and np.array_equal(self._sorted, other._sorted)

    __hash__ = None  # type: ignore[assignment]  # compared by content

    def __or__(self, other: FingerprintList) -> FingerprintList:
        joined = FingerprintList()
        joined._sorted = np.union1d(self._sorted, other._sorted)
        return joined

    def __contains__(self, value: int) -> bool:
        return bool(self.knows([value])[0])

    def knows(self, values: ArrayLike) -> NDArray[np.bool_]:
        """Which of ``values`` (48-bit fingerprints, [n]) are in the list: [n]."""
        wanted = _low(np.asarray(values, np.uint64))
        if not len(self):
            return np.zeros(len(wanted), bool)
        at = np.searchsorted(self._sorted, wanted)
        return np.asarray(self._sorted[np.minimum(at, len(self) - 1)] == wanted)


def _low(values: NDArray[np.uint64]) -> NDArray[np.uint32]:
    return (values & np.uint64(0xFFFFFFFF)).astype(np.uint32)
