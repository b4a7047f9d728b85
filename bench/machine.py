"""What the numbers were taken on."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from bench.costs import busy_share
from sandbox.runtimes import find_python

_LOOK_S = 1.0
QUIET = 0.05


@dataclass(frozen=True, slots=True)
class Machine:
    """Facts, and how much of the machine others took before the first round."""

    when: str
    cores: int
    processor: str
    memory_gib: float
    kernel: str
    python: str
    busy: float

    @classmethod
    def look(cls) -> Machine:
        """This machine, now."""
        return cls(
            when=time.strftime("%Y-%m-%d %H:%M:%S %z"),
            cores=os.cpu_count() or 1,
            processor=_processor(),
            memory_gib=round(psutil.virtual_memory().total / (1 << 30), 1),
            kernel=platform.release(),
            python=find_python("@server").version,
            busy=busy_share(_LOOK_S),
        )

    def line(self) -> str:
        """For people."""
        return (
            f"{self.when} · {self.cores} cores, {self.processor}, {self.memory_gib} GiB · "
            f"Linux {self.kernel} · Python {self.python} · {self.busy:.0%} busy before the first round"
        )

    def data(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
