"""The settings of a scan: defaults, then ``[tool.buglab]`` of the nearest pyproject.toml, then the command line."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .errors import ConfigError
from .report import FORMATS

ROOT_MARKS = ("pyproject.toml", ".git", ".hg")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a scan is told.  Every field but ``root`` and ``source`` is a key of ``[tool.buglab]``, written with hyphens."""

    select: tuple[str, ...] = ()
    """codes, beginnings of codes or names of the rules to report; empty means all"""
    ignore: tuple[str, ...] = ()
    """the same for rules not to report"""
    extend_select: tuple[str, ...] = ()
    """the same for rules to report beside those, whatever ``ignore`` says"""
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """pattern as in .gitignore, relative to ``root`` -> rules not to report in the files that it matches"""
    per_file_min_confidence: Mapping[str, float] = field(default_factory=dict)
    """pattern -> ``min_confidence`` for the files that it matches; the last match counts"""
    min_confidence: float | None = None
    """report from this calibrated probability on, in [0, 1]; None means the model's own threshold"""
    output_format: str = "full"
    exclude: tuple[str, ...] | None = None
    """patterns as in .gitignore, relative to ``root``, in place of the default ones"""
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    """leave out excluded files even if they are named, as hooks name them"""
    respect_gitignore: bool = True
    baseline: Path | None = None
    """file of ``buglab baseline`` whose findings are not news; None means none"""
    cache_dir: Path | None = None
    """folder of the cache; None means ``$BUGLAB_CACHE_DIR``, else the user's cache folder"""
    cache: bool = True
    """whether what the detector said is kept for the next scan"""
    model: Path | None = None
    """folder of an exported model; None means the embedded one"""
    jobs: int = 0
    """processes; 0 means as many as are useful"""
    max_findings: int | None = None
    """report only this many, the most confident ones"""
    root: Path = Path()
    """where patterns and fingerprints start: the folder of the configuration, else of the project"""
    source: Path | None = None
    """the file that the settings were read from"""

    def with_flags(self, flags: Mapping[str, Any]) -> Settings:
        """These settings, overruled by the flags that were given (those that are not None)."""
        return replace(self, **{name: value for name, value in flags.items() if value is not None})


def find_settings(paths: Sequence[Path], config: Path | None = None, isolated: bool = False) -> Settings:
    """The settings for scanning ``paths`` (absolute): from ``config`` if given, else from the nearest pyproject.toml upwards of
    the folder that holds all of them which has a ``[tool.buglab]`` table."""
    start = _common_folder(paths)
    if isolated:
        return Settings(root=project_root(start))
    if config is not None:
        return _read(config.absolute(), _parse(config), explicit=True) or Settings(root=config.absolute().parent)
    for folder in (start, *start.parents):
        if (path := folder / "pyproject.toml").is_file() and (settings := _read(path, _parse(path), explicit=False)):
            return settings
    return Settings(root=project_root(start))


def project_root(start: Path) -> Path:
    """The nearest folder upwards of ``start`` that looks like the top of a project; ``start`` itself if there is none."""
    return next((folder for folder in (start, *start.parents) if any((folder / mark).exists() for mark in ROOT_MARKS)), start)


def _common_folder(paths: Sequence[Path]) -> Path:
    folders = [path if os.path.isdir(path) else path.parent for path in paths] or [Path.cwd()]  # noqa: PTH112  # long names, too
    common = folders[0]
    while not all(folder.is_relative_to(common) for folder in folders):
        if common == common.parent:  # different drives
            return Path.cwd()
        common = common.parent
    return common


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"the configuration {path} is not UTF-8 text") from None
    except (ValueError, RecursionError) as error:  # numbers may be too long, and tables too deep
        raise ConfigError(f"the configuration {path} is not valid TOML: {error}") from None


def _read(path: Path, document: dict[str, Any], explicit: bool) -> Settings | None:
    """The settings in a parsed file; None if it has no table of ours."""
    tool = document.get("tool")
    table = tool.get("buglab") if isinstance(tool, dict) else None
    if table is None:
        if explicit and path.name == "pyproject.toml":
            raise ConfigError(f"{path} has no [tool.buglab] table; add one or leave --config out")
        if not explicit:
            return None
        table = document
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.buglab must be a table")
    keys = {one.name.replace("_", "-"): one.name for one in fields(Settings) if one.name not in ("root", "source")}
    for key in table:
        if key not in keys:
            raise ConfigError(f"{path}: unknown key {key!r} in [tool.buglab]{did_you_mean(key, keys)}")
    values = {keys[key]: _CHECKS[keys[key]](path, key, value) for key, value in table.items()}
    values |= {name: path.parent / values[name] for name in ("model", "baseline", "cache_dir") if name in values}
    return Settings(**values, root=path.parent, source=path)


def did_you_mean(word: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    """``; did you mean …?`` for the entry of ``known`` most like ``word``, else the list of them."""
    if close := get_close_matches(word.replace("_", "-"), list(known), n=1):
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(sorted(known))}"


def _strings(path: Path, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(path, key, value, 'a list of strings, as in ["BL1", "BL201"]')
    return tuple(value)


def _strings_by_pattern(path: Path, key: str, value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise _wrong(path, key, value, 'a table of patterns and rules, as in {"tests/**" = ["BL3"]}')
    return {pattern: _strings(path, f"{key}.{pattern!r}", rules) for pattern, rules in value.items()}


def _confidence_by_pattern(path: Path, key: str, value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise _wrong(path, key, value, 'a table of patterns and numbers, as in {"tests/**" = 0.95}')
    return {pattern: _confidence(path, f"{key}.{pattern!r}", number) for pattern, number in value.items()}


def _confidence(path: Path, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _wrong(path, key, value, "a number from 0 to 1")
    return float(value)


def _format(path: Path, key: str, value: object) -> str:
    if value not in FORMATS:
        raise _wrong(path, key, value, "one of " + ", ".join(FORMATS))
    return str(value)


def _boolean(path: Path, key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, key, value, "true or false")
    return value


def _folder(path: Path, key: str, value: object) -> Path:
    if not isinstance(value, str) or not value:
        raise _wrong(path, key, value, "the path of a folder")
    return Path(value)


def _file(path: Path, key: str, value: object) -> Path:
    if not isinstance(value, str) or not value:
        raise _wrong(path, key, value, "the path of a file")
    return Path(value)


def _count(path: Path, key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(path, key, value, "a whole number, 0 or more")
    return value


def _wrong(path: Path, key: str, value: object, wanted: str) -> ConfigError:
    return ConfigError(f"{path}: {key} = {value!r} must be {wanted}")


_CHECKS: dict[str, Callable[[Path, str, object], Any]] = {
    "select": _strings,
    "ignore": _strings,
    "extend_select": _strings,
    "per_file_ignores": _strings_by_pattern,
    "per_file_min_confidence": _confidence_by_pattern,
    "min_confidence": _confidence,
    "output_format": _format,
    "exclude": _strings,
    "extend_exclude": _strings,
    "force_exclude": _boolean,
    "respect_gitignore": _boolean,
    "baseline": _file,
    "cache_dir": _folder,
    "cache": _boolean,
    "model": _folder,
    "jobs": _count,
    "max_findings": _count,
}
