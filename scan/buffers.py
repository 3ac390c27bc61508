"""Texts as they stand in an editor, scanned with the settings of the files that they will be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from .baseline import Baseline, Known
from .config import Settings, find_settings
from .content import encoding_of
from .engine import Engine
from .files import is_excluded, named_file
from .judge import FileReport
from .memory import give_back


@dataclass(slots=True)
class Buffers:
    """Scans one text at a time, in this process; a model is loaded once for each configuration and kept.

    ``said`` collects sentences that the user should know, each once.
    """

    said: list[str] = field(default_factory=list)
    _engines: dict[Path, tuple[Settings, Engine]] = field(default_factory=dict)

    def scan(self, path: Path, text: str) -> FileReport | None:
        """The report on ``text`` as the file ``path`` (absolute); None where settings exclude it.  Raises CannotScan."""
        settings = replace(find_settings([path]), jobs=1)
        if is_excluded(path, settings):
            return None
        engine = self._engine(settings)
        engine.baseline = None if settings.baseline is None else Known(Baseline.load(settings.baseline))
        (report,) = engine.scan([named_file(path, settings, saved(text))])
        self._note(engine.cache.complaints if engine.cache is not None else [])
        give_back()
        return report

    def _engine(self, settings: Settings) -> Engine:
        known = self._engines.get(settings.root)
        if known is None or known[0] != settings:
            known = self._engines[settings.root] = settings, Engine.prepare(settings)
            known[1].again = True
            self._note(known[1].warnings())
        return known[1]

    def _note(self, sentences: list[str]) -> None:
        self.said += [sentence for sentence in sentences if sentence not in self.said]


def saved(text: str) -> bytes:
    """The bytes of ``text`` once it is saved: in the encoding of its coding cookie.

    Where that is unknown or lacks a character, what is returned will not decode either, or is UTF-8.
    """
    data = text.encode("utf-8", "surrogatepass")
    try:
        encoding = encoding_of(data)
        return data if encoding.startswith("utf-8") else text.encode(encoding)
    except (SyntaxError, LookupError, UnicodeError):
        return data
