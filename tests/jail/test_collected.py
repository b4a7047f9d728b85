"""Files that come back from a cell, pipes in the place of its streams, and folders that one test leaves to the next."""

from __future__ import annotations

import asyncio
import os

import pytest

from sandbox.jail.cell import Cell
from sandbox.model.outcome import Refused
from tests.jail.cells import begin, one_run

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]
_FILES = ("/box/tmp/a", "/box/tmp/b", "/box/tmp/c")


async def collected(cell: Cell, source: str, **limits: int) -> tuple[bytes | Refused | None, ...]:
    begin(cell, source)
    try:
        return (await cell.submit(one_run(cell, **limits), collect=_FILES)).collected
    finally:
        cell.end_program()


async def test_a_file_comes_back_or_it_is_said_why_not(cell: Cell) -> None:
    source = "import os\nopen('/tmp/a', 'wb').write(b'\\0x')\nos.symlink('/etc/passwd', '/tmp/b')"
    assert await collected(cell, source) == (b"\0x", Refused.IRREGULAR, None)
    source = "import os\nos.mkdir('/tmp/a')\nopen('/tmp/c', 'w').close()"
    assert await collected(cell, source) == (Refused.IRREGULAR, None, b"")


async def test_files_come_back_up_to_the_limit_of_one_together(cell: Cell) -> None:
    source = "for name, size in zip('abc', (3000, 2000, 1000)):\n    open('/tmp/' + name, 'wb').write(b'x' * size)"
    found = await collected(cell, source, file_bytes=4096, output_bytes=4096)
    assert found == (b"x" * 3000, Refused.LARGE, b"x" * 1000)


async def test_folders_are_kept_for_the_next_test_where_that_is_asked_for(cell: Cell) -> None:
    source = "import os\nprint(sorted(os.listdir('/tmp')), sorted(os.listdir()))\nopen('/tmp/a', 'a').write('x')"
    source += "\nopen('/tmp/b', 'w').close()"
    begin(cell, source)
    keep = ("/box/tmp/b", "/box/work/b")
    ended = [await cell.submit(one_run(cell), collect=_FILES, keep=kept) for kept in (keep, keep, None, None)]
    cell.end_program()
    first, later = b"[] ['main.py']\n", b"['a'] ['b', 'main.py']\n"
    assert [each.stdout for each in ended] == [first, later, later, first]
    assert [each.collected[0] for each in ended] == [b"x", b"xx", b"xxx", b"x"]
    assert all(each.alone for each in ended)


async def test_nothing_is_kept_where_something_still_runs(cell: Cell) -> None:
    source = "import os, time\nprint(os.listdir('/tmp'), flush=True)\nopen('/tmp/a', 'w').close()"
    source += "\nif os.fork() == 0:\n    time.sleep(60)\n"
    begin(cell, source)
    keep = ("/box/tmp/b", "/box/work/b")
    ended = [await cell.submit(one_run(cell), keep=keep) for _ in range(2)]
    cell.end_program()
    assert [(each.stdout, each.alone) for each in ended] == [(b"[]\n", False)] * 2


async def test_a_pipe_ends_when_the_candidate_closes_it_and_not_when_the_candidate_ends(cell: Cell) -> None:
    back, out = os.pipe()
    inside, theirs = os.pipe()
    begin(cell, "import os, sys\nprint('said', flush=True)\nos.close(1)\nsys.stdin.read()")
    running = cell.submit(one_run(cell, wall_time_ms=20_000), streams=(inside, out))
    os.close(inside)
    os.close(out)
    with os.fdopen(back, "rb") as output:
        # Returns at the end of the file; the candidate is still there, since its input has none.
        assert await asyncio.to_thread(output.read) == b"said\n"
    assert not running.done()
    os.close(theirs)
    ended = await running
    cell.end_program()
    assert (ended.stdout, ended.stdout_size) == (b"", 0)
