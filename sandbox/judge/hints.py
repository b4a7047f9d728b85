"""What the text of a program names, as evidence for people: never a reason for a verdict, and easily hidden. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.model.plan import File

# Words that programs rarely need to solve a task, and need to look for a grader.
_WORDS: dict[str, tuple[bytes, ...]] = {
    "names_frames": (b"_getframe", b"f_back", b"f_locals", b"get_referrers", b"gc.get_objects", b"inspect.stack"),
    "names_proc": (b"/proc/",),
    "names_tracing": (b"ptrace", b"process_vm_", b"perf_event_open", b"userfaultfd", b"io_uring", b"keyctl"),
}
# Of a program's text; what lies beyond is not searched.
_MOST = 1 << 20


def hints(files: Iterable[File]) -> list[str]:
    """Alarms for what the files name, at most a MiB of them."""
    found: set[str] = set()
    left = _MOST
    for file in files:
        text = file.data[:left]
        left -= len(text)
        found.update(alarm for alarm, words in _WORDS.items() if any(word in text for word in words))
        if left <= 0:
            break
    return sorted(found)
