"""An exported model in MLflow: logged with its signature, registered, loadable by ``mlflow.pyfunc`` to scan text."""

from __future__ import annotations

import contextlib
import tempfile
import warnings
from pathlib import Path
from typing import Any

from .. import __version__
from .progress import Progress
from .tracking import Tracker

SERVED = "buglab.scan.served"
"""The module that loads the model there; nothing of it is pickled."""

PLACE = "scanner"
"""Where the model lies among the run's artifacts."""

ALIAS = "newest"


def log_model(tracker: Tracker, model: Path, name: str, progress: Progress) -> None:
    """Log the exported ``model`` to the run, and register it as the newest version of ``name`` unless that is empty."""

    def work(client: Any, run_id: str) -> None:
        import mlflow.pyfunc
        from mlflow.exceptions import MlflowException
        from mlflow.models import ModelSignature
        from mlflow.types import ColSpec, Schema

        warnings.filterwarnings("ignore", message=".*input example was not provided")  # the signature says it all
        strings = [ColSpec("string", column) for column in ("code", "message")]
        whole = [ColSpec("long", column) for column in ("index", "row", "column")]
        signature = ModelSignature(
            Schema([ColSpec("string", "text")]), Schema([*strings, *whole, ColSpec("double", "confidence")])
        )
        with tempfile.TemporaryDirectory() as folder:
            mlflow.pyfunc.save_model(
                str(Path(folder) / PLACE),
                loader_module=SERVED,
                data_path=str(model),
                signature=signature,
                pip_requirements=[f"buglab=={__version__}"],
            )
            client.log_artifacts(run_id, str(Path(folder) / PLACE), PLACE)
        if name:
            with contextlib.suppress(MlflowException):  # it is registered already
                client.create_registered_model(name)
            version = client.create_model_version(name, f"runs:/{run_id}/{PLACE}", run_id).version
            client.set_registered_model_alias(name, ALIAS, version)
            progress.say(f"registered in MLflow: models:/{name}/{version} (alias {ALIAS})")

    tracker.call(work)
