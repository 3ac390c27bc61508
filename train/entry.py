"""From command line to typed configuration: the only place, with the tasks it calls, that knows Hydra.

``main("train", ["experiment=smoke", "seed=1"])`` composes ``conf/train.yaml`` with the overrides and calls its task.  What is
wrong with an override is said in one sentence, with exit code 2 and without a traceback.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ..data.home import home
from . import config as schemas
from .errors import TrainError
from .replicas import rank_to_be

CONF = "pkg://buglab.conf"

Task = Callable[[DictConfig], float | None]


def main(root: str, arguments: Sequence[str], task: Task) -> int:
    """Run ``task`` on the composed configuration ``root``, once or once per job of a ``--multirun``.  Returns the exit code."""
    os.environ["BUGLAB_HOME"] = str(home())  # so that the YAML files, and processes that a launcher starts, find it
    schemas.register()
    os.environ["HYDRA_FULL_ERROR"] = "1"  # exceptions come to us instead of being printed
    failures: list[TrainError] = []
    begun = False

    def job(config: DictConfig) -> float | None:
        nonlocal begun
        begun = True
        try:
            for key in _flat(config, ""):  # `+key=value` may add what the schema does not have
                if key not in _keys(root):
                    raise TrainError(unknown(key, root))
            return task(config)
        except TrainError as error:
            failures.append(error)
            print(f"buglab {root}: {error}", file=sys.stderr)
            return None

    before = sys.argv
    others = home() / "runs" / ".replicas"  # only the first of several processes gets a run folder, the others are told
    elsewhere = [f"hydra.run.dir={others}", f"hydra.sweep.dir={others}", "hydra.sweep.subdir=."] if rank_to_be() else []
    sys.argv = [f"buglab {root}", *arguments, *elsewhere]
    try:
        hydra.main(version_base="1.3", config_path=CONF, config_name=root)(job)()
    except (HydraException, OmegaConfBaseException, ValueError) as error:  # Hydra raises ValueError for some overrides
        if begun and isinstance(error, ValueError):
            raise
        print(f"buglab {root}: {sentence(error, root)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        sys.argv = before
    return 2 if failures else 0


def sentence(error: BaseException, root: str) -> str:
    """What is wrong with the configuration, and what was probably meant."""
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    text = " ".join(str(error).split())
    choice = re.search(r"Could not find '([^']+)/([^']*)' Available options in '[^']+': (.*?)(?: Config search path|$)", text)
    if choice:
        group, wrong, choices = choice[1], choice[2], choice[3].split()
        return f"{group}={wrong}: there is no such choice{_meant(wrong, choices)}; choose from {', '.join(choices)}"
    key = getattr(cause, "full_key", None)
    if key and re.search(r"^Key '.*' not in|not in struct", str(cause)):
        return unknown(key, root)
    if key and isinstance(cause, OmegaConfBaseException):
        return f"{key}: {str(cause).splitlines()[0]}"
    return text


def unknown(key: str, root: str) -> str:
    """The sentence for a setting that does not exist."""
    return f"there is no setting {key!r}{_meant(key, _keys(root))}; `buglab {root} --cfg job` prints all settings"


def _keys(root: str) -> list[str]:
    node = ConfigStore.instance().load(f"{root}_schema.yaml").node
    return list(_flat(node, ""))


def _flat(node: DictConfig, prefix: str) -> Iterable[str]:
    for key in map(str, node):
        yield f"{prefix}{key}"
        if not OmegaConf.is_missing(node, key) and OmegaConf.is_dict(node[key]):
            yield from _flat(node[key], f"{prefix}{key}.")


def _meant(key: str, known: Iterable[str]) -> str:
    known = list(known)
    last = {full.rsplit(".", 1)[-1]: full for full in known}
    close = get_close_matches(key, known, 1) or [last[name] for name in get_close_matches(key.rsplit(".", 1)[-1], last, 1)]
    return f"; did you mean {close[0]!r}?" if close else ""


def overrides() -> list[str]:
    """The overrides of this job as they were given."""
    return list(HydraConfig.get().overrides.task)
