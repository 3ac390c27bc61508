"""Exit codes: 0 nothing found, 1 findings, 2 the job could not be done, 130 interrupted."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from ..scan.errors import CannotScan

FOUND = 1
CANNOT = 2
INTERRUPTED = 130
TRACEBACK = "BUGLAB_TRACEBACK"


class Codes(click.Command):
    """A command that ends with these codes, whatever happens inside, and never with a traceback unless asked for one."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        _open_streams()
        sys.exit(self._run(*args, **kwargs))

    def _run(self, *args: Any, **kwargs: Any) -> int:
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
            sys.stdout.flush()
            return code if isinstance(code, int) else 0
        except click.UsageError as error:
            error.show()
            return CANNOT
        except click.ClickException as error:
            return _say(error.format_message())
        except CannotScan as error:
            return _say(str(error))
        except (click.Abort, KeyboardInterrupt):
            return INTERRUPTED
        except BrokenPipeError:  # whoever read our output has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except Exception as error:
            if os.environ.get(TRACEBACK):
                import traceback

                traceback.print_exc()
            if not _is_somewhere():
                return _say("the working directory is gone; change to one that is there")
            summary = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            return _say(f"an error inside buglab, please report it ({summary}); {TRACEBACK}=1 shows where it happened")


def _open_streams() -> None:
    """Standard output and error that were closed lead nowhere; else the next file to be opened would be taken for them."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # to the end


def _is_somewhere() -> bool:
    try:
        os.getcwd()  # noqa: PTH109  # a Path would do the same
    except FileNotFoundError:
        return False
    return True


def _say(sentence: str) -> int:
    click.echo(f"buglab: {sentence}", err=True)
    return CANNOT
