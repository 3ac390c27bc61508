"""The scanner as MLflow loads it: ``mlflow.pyfunc.load_model(...).predict({"text": [source, ...]})`` gives the findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .analysis import Analyser
from .config import Settings
from .files import File
from .judge import Judge
from .model import Model
from .policy import Policy


class Scanner:
    """An exported model that scans text."""

    def __init__(self, folder: Path) -> None:
        model = Model.load(folder)
        self.analyser = Analyser.load(Judge(model, Policy.of(Settings(), model)))

    def predict(self, model_input: Mapping[str, Sequence[str]], params: Any = None) -> list[dict[str, Any]]:
        """Findings in the column ``text``: a row for each, whose ``index`` is the text's place in the column."""
        texts = list(model_input["text"])
        files = [
            File(Path(f"{i}.py"), f"{i}.py", f"{i}.py", len(data), data)
            for i, data in enumerate(str(text).encode("utf-8", "surrogatepass") for text in texts)
        ]
        return [
            {
                "index": index,
                "code": finding.code,
                "row": finding.location.row,
                "column": finding.location.column,
                "message": finding.message,
                "confidence": finding.confidence,
            }
            for index, analysed in enumerate(self.analyser(files))
            for finding in analysed.report.findings
        ]


def _load_pyfunc(data_path: str) -> Scanner:
    """What MLflow calls: ``data_path`` is the exported model's folder."""
    return Scanner(Path(data_path))
