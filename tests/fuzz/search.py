"""The search of one target, in a process of its own: `python -m tests.fuzz.search TARGET SECONDS CORPUS FOUND`.

First pieces of seeds are repeated, which finds what takes more than linear time or memory; the rest of the time goes to
the engine, which keeps what reaches new code. An input that breaks a law is written to the folder FOUND.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

_REPEATING = 0.2
_LONGEST = 1 << 16


def main(name: str, seconds: int, corpus: Path, found: Path) -> int:
    """Ends with 0 when no law was broken."""
    guided = importlib.util.find_spec("atheris") is not None
    if guided:
        import atheris

        with atheris.instrument_imports(include=["sandbox"], enable_loader_override=False):
            from tests.fuzz import targets
    else:
        from tests.fuzz import targets
    from tests.fuzz.laws import check
    from tests.fuzz.seeds import seeds

    target, begin, random = targets.TARGETS[name], seeds(name), Random(time.time_ns())
    for number, seed in enumerate(begin):
        (corpus / f"seed-{number}").write_bytes(seed)
    ends = time.monotonic() + seconds * (_REPEATING if guided else 1)
    tried = 0
    for data in _changed(begin, random, only_repeats=guided):
        if time.monotonic() > ends:
            break
        try:
            check(target, data)
        except BaseException:
            (found / "repeated").write_bytes(data)
            raise
        tried += 1
    print(f"repeated pieces: {tried}", file=sys.stderr)
    if not guided:
        print(f"number_of_executed_units: {tried}")
        return 0
    atheris.Setup(
        ["fuzz", str(corpus), f"-artifact_prefix={found}/", f"-max_total_time={max(1, round(seconds * 0.8))}",
         "-max_len=4096", "-timeout=20", "-rss_limit_mb=3000", "-print_final_stats=1", "-verbosity=0"],
        lambda data: check(target, data),
    )  # fmt: skip
    atheris.Fuzz()
    return 0


def _changed(seeds: list[bytes], random: Random, only_repeats: bool) -> Iterator[bytes]:
    while True:
        data = random.choice(seeds)
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + random.randrange(1, 40))
        piece = data[at:end] or b"\n"
        if only_repeats or random.random() < 0.1:
            times = random.choice([3, 50, 1000, _LONGEST // len(piece)])
            yield data[:at] + piece * times + data[end:]
        else:
            other = random.choice(seeds)
            here = random.randrange(len(other) + 1)
            yield data[:at] + random.choice([random.randbytes(2), other[here : here + 20], piece[::-1]]) + data[end:]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])))
