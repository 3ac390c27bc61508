"""How busy the machine is, under the names that MLflow shows on its page of system metrics."""

from __future__ import annotations

import psutil
import torch


class System:
    """``figures`` says how it was since it was asked last."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        psutil.cpu_percent()
        self._process.cpu_percent()

    def figures(self) -> dict[str, float]:
        """Shares in percent, memory in megabytes."""
        memory = psutil.virtual_memory()
        found = {
            "system/cpu_utilization_percentage": psutil.cpu_percent(),
            "system/process_cpu_percentage": self._process.cpu_percent(),
            "system/system_memory_usage_percentage": memory.percent,
            "system/process_memory_megabytes": self._process.memory_info().rss / 1e6,
            "system/disk_usage_percentage": psutil.disk_usage("/").percent,
        }
        if torch.cuda.is_available():
            free, whole = torch.cuda.mem_get_info()
            found |= {
                "system/gpu_0_memory_usage_percentage": 100 * (1 - free / whole),
                "system/gpu_0_memory_allocated_megabytes": torch.cuda.memory_allocated() / 1e6,
            }
        return found
