"""What one test, or one build, may use."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of one run; times in milliseconds, sizes in bytes. What happens at each stands in `job.proto`."""

    cpu_time_ms: int
    wall_time_ms: int
    memory_bytes: int
    processes: int
    output_bytes: int
    file_bytes: int
    disk_bytes: int
    open_files: int
    stack_bytes: int


LIMIT_NAMES = tuple(field.name for field in fields(Limits))
