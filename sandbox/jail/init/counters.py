"""What a cell's cgroup has used, read through descriptors that were opened outside the jail."""

import os


class Counters:
    """Base: a cell without a cgroup. Everything reads as zero and nothing can be proven empty."""

    can_count = False

    def cpu_us(self) -> int:
        """CPU time of the whole cell so far."""
        return 0

    def memory(self) -> int:
        """Bytes charged now."""
        return 0

    def start_peak(self) -> None:
        """Forgets the peak."""

    def peak(self) -> int:
        """Largest number of bytes charged since `start_peak`."""
        return 0

    def ooms(self) -> int:
        """Processes killed for want of memory so far."""
        return 0

    def processes(self) -> int:
        """Processes and threads alive now."""
        return 0

    def limit_memory(self, size: int) -> None:
        """Sets the hard limit in bytes."""


class CgroupV1(Counters):
    """The memory, pids and cpuacct controllers of cgroup v1."""

    can_count = True

    def __init__(self, fds: "dict[str, int]") -> None:
        self._fds = fds

    def _number(self, name: str) -> int:
        return int(os.pread(self._fds[name], 32, 0))

    def cpu_us(self) -> int:
        return self._number("cpuacct.usage") // 1000

    def memory(self) -> int:
        return self._number("memory.usage_in_bytes")

    def start_peak(self) -> None:
        os.pwrite(self._fds["memory.max_usage_in_bytes"], b"0", 0)

    def peak(self) -> int:
        return self._number("memory.max_usage_in_bytes")

    def ooms(self) -> int:
        text = os.pread(self._fds["memory.oom_control"], 256, 0)
        return int(text.partition(b"oom_kill ")[2].split()[0])

    def processes(self) -> int:
        return self._number("pids.current")

    def limit_memory(self, size: int) -> None:
        os.pwrite(self._fds["memory.limit_in_bytes"], b"%d" % size, 0)


class CgroupV2(Counters):
    """The unified hierarchy. Its peak is reset through the same descriptor that reads it (Linux 6.12 and later)."""

    can_count = True

    def __init__(self, fds: "dict[str, int]") -> None:
        self._fds = fds

    def cpu_us(self) -> int:
        text = os.pread(self._fds["cpu.stat"], 1024, 0)
        return int(text.partition(b"usage_usec ")[2].split()[0])

    def memory(self) -> int:
        return int(os.pread(self._fds["memory.current"], 32, 0))

    def start_peak(self) -> None:
        try:
            os.pwrite(self._fds["memory.peak"], b"reset", 0)
        except OSError:
            pass  # before 6.12 the peak is the cell's, not the test's

    def peak(self) -> int:
        return int(os.pread(self._fds["memory.peak"], 32, 0))

    def ooms(self) -> int:
        text = os.pread(self._fds["memory.events"], 512, 0)
        return int(text.partition(b"oom_kill ")[2].split()[0])

    def processes(self) -> int:
        return int(os.pread(self._fds["pids.current"], 32, 0))

    def limit_memory(self, size: int) -> None:
        os.pwrite(self._fds["memory.max"], b"%d" % size, 0)


def open_counters(kind: str, fds: "dict[str, int]") -> Counters:
    """Counters for cgroup "v1", "v2" or "none"."""
    if kind == "v1":
        return CgroupV1(fds)
    if kind == "v2":
        return CgroupV2(fds)
    return Counters()
