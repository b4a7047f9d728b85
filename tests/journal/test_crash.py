"""A process or the machine dies in the middle of an append: what was acknowledged is there, and nothing by half."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.journal.journal import Entry, Journal, LostError
from sandbox.journal.marker import interrupted
from sandbox.journal.sqlite import FILE
from sandbox.journal.store import StoreError
from sandbox.journal.verify import verify
from tests.databases.server import Server

# Real kills: among the slower tests.
pytestmark = pytest.mark.jail

# Says which seq it has appended (d: durable), until it is killed.
WRITER = """
import sys
from pathlib import Path
from sandbox.journal.journal import Journal
journal = Journal(Path(sys.argv[1]))
print("ready", flush=True)
n = 0
while True:
    durable = n % 7 == 0
    record = journal.append("clr", {"n": n, "pad": "x" * (n % 3000)}, action=f"a{n % 50}", durable=durable)
    print("d" if durable else "b", record.seq, flush=True)
    n += 1
"""


def start(folder: Path) -> subprocess.Popen[str]:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


def kill(writer: subprocess.Popen[str]) -> list[int]:
    """Kills it where it is. The seqs that it had acknowledged."""
    writer.send_signal(signal.SIGKILL)
    rest, _ = writer.communicate()
    assert writer.returncode == -signal.SIGKILL
    lines = rest.splitlines(keepends=True)
    return [int(line.split()[1]) for line in lines if line.endswith("\n")]


def test_what_two_killed_writers_had_acknowledged_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    Journal(folder).close()
    for _ in range(3):
        writers = [start(folder) for _ in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            for _ in range(40):
                writer.stdout.readline()
        acknowledged = [seq for writer in writers for seq in kill(writer)]
        with Journal(folder) as journal:
            found = [record.seq for record in journal.records()]
            assert found == list(range(len(found)))
            assert len(found) > max(acknowledged, default=79)
            assert journal.interrupted is not None
            assert (journal.interrupted.processes, journal.interrupted.restarted) == (2, False)
            # The kernel kept what the processes had committed.
            assert journal.interrupted.missing == 0
            note = journal.checkpoint()
        report = verify(folder, checkpoint=note)
        assert report.ok, report.findings


OPENER = """
import os
import sys
from pathlib import Path
from sandbox.journal.journal import Journal
print("ready", flush=True)
sys.stdin.readline()
for n in range(4):
    with Journal(Path(sys.argv[1])) as journal:
        journal.append("clr", {"n": n}, action=str(os.getpid()))
"""


def test_processes_that_make_open_and_close_one_journal_at_once_lose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    command, pipe = [sys.executable, "-c", OPENER, str(folder)], subprocess.PIPE
    openers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(5)]
    for opener in openers:
        assert opener.stdout is not None
        assert opener.stdout.readline() == "ready\n"
    assert [opener.communicate("\n")[1] for opener in openers] == [""] * 5
    with Journal(folder) as journal:
        assert journal.interrupted is None
        assert [record.seq for record in journal.records()] == list(range(20))
        assert len(journal.actions()) == 5
    assert verify(folder).ok


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal as a dead process left it: 300 records durable and signed, 60 more in the write-ahead log."""
    top = tmp_path_factory.mktemp("torn")
    journal = Journal(top / "journal")
    journal.append_many([Entry("clr", {"n": n}) for n in range(300)])
    journal.checkpoint()
    signed = (top / "journal" / f"{FILE}-wal").stat().st_size
    for n in range(60):
        journal.append("clr", {"n": n, "pad": "x" * n}, action=f"a{n}")
    shutil.copytree(top / "journal", top / "left")
    (top / "left" / "signed").write_text(str(signed))
    journal.close()
    return top / "left"


@given(cut=st.floats(0, 1), flip=st.booleans())
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_log_torn_anywhere_loses_a_tail_and_is_no_tampering(
    torn: Path, tmp_path_factory: pytest.TempPathFactory, cut: float, flip: bool
) -> None:
    folder = tmp_path_factory.mktemp("cut") / "journal"
    shutil.copytree(torn, folder)
    log = folder / f"{FILE}-wal"
    data = bytearray(log.read_bytes())
    # Behind what was flushed for the checkpoint: that much the disk has promised.
    signed = int((torn / "signed").read_text())
    at = min(signed + int(cut * (len(data) - signed)), len(data) - 1)
    if flip:
        data[at] ^= 0x40
    else:
        del data[at:]
    log.write_bytes(data)
    with Journal(folder) as journal:
        size = journal.size
        assert 300 <= size < 360
        assert journal.interrupted is not None
        # The note of the process that died says what it had appended.
        assert journal.interrupted.missing == 360 - size
        assert [record.seq for record in journal.records()] == list(range(size))
        journal.append("recovered", {"missing": journal.interrupted.missing}, durable=True)
    report = verify(folder)
    assert report.ok, report.findings


def test_a_process_that_died_is_told_of_once(torn: Path, tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    shutil.copytree(torn, folder)
    with Journal(folder) as first, Journal(folder) as second:
        assert first.interrupted is not None
        assert (first.interrupted.processes, first.interrupted.missing) == (1, 0)
        assert second.interrupted is None


def test_a_note_of_another_boot_says_that_the_machine_was_restarted(torn: Path, tmp_path: Path) -> None:
    shutil.copytree(torn / "open", tmp_path / "open")
    (note,) = (tmp_path / "open").iterdir()
    note.write_bytes(bytes(16) + note.read_bytes()[16:])
    found = interrupted(tmp_path / "open", 360, lambda seq: bytes(32))
    assert found is not None
    # Another record stands where the last one was: at least that one is gone.
    assert (found.restarted, found.missing) == (True, 1)


def test_notes_that_are_empty_or_junk_are_read_as_nothing_lost(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "1-a").write_bytes(b"")
    found = interrupted(folder, 5, lambda seq: bytes(32))
    assert found is not None
    assert found.missing == 0
    assert list(folder.iterdir()) == []


def test_a_database_server_that_crashed_lost_what_was_not_durable_and_it_is_told(
    forgetful: Server, tmp_path: Path
) -> None:
    with Journal(tmp_path, dsn=forgetful.conninfo("postgres")) as journal:
        journal.append("clr", {"n": 0}, durable=True)
        for n in range(1, 4):
            journal.append("clr", {"n": n})
        forgetful.crash()
        forgetful.start()
        with pytest.raises(LostError, match="not durable"):
            journal.append("clr", {"n": 4})
        assert journal.append("recovered", {"lost": 3}, durable=True).seq == 1
        note = journal.checkpoint()
        report = verify(journal._store, checkpoint=note, vkey=journal.vkey, key=journal._signer)
        assert report.ok, report.findings


def test_a_durable_append_is_one_flush_and_a_buffered_one_is_none(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    program = """
import sys
from pathlib import Path
from sandbox.journal import journal as module
module._CHECKPOINT_S = 1e9
journal = module.Journal(Path(sys.argv[1]))
Path("/dev/null").read_bytes()
for n in range(5):
    journal.append("clr", {})
Path("/dev/zero").exists()
for n in range(5):
    journal.append("clr", {}, durable=True)
Path("/dev/full").exists()
"""
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync,stat,newfstatat,openat", sys.executable, "-c", program]
    traced = subprocess.run([*command, str(tmp_path / "journal")], capture_output=True, text=True, check=True).stderr
    lines = traced.splitlines()
    marks = [
        next(n for n, line in enumerate(lines) if name in line) for name in ("/dev/null", "/dev/zero", "/dev/full")
    ]
    flushes = [n for n, line in enumerate(lines) if "fsync(" in line or "fdatasync(" in line]
    assert sum(marks[0] < n < marks[1] for n in flushes) == 0
    assert sum(marks[1] < n < marks[2] for n in flushes) == 5


def test_nothing_is_signed_that_could_not_be_made_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise StoreError("the disk is gone")

    with Journal(tmp_path / "journal") as journal:
        journal.append("clr", {})
        with monkeypatch.context() as patch:
            patch.setattr(journal._store, "sync", fails)
            with pytest.raises(StoreError):
                journal.checkpoint()
        assert journal.checkpoints() == []


def test_concurrent_durable_appends_share_flushes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, arrived, flushes = threading.Event(), threading.Event(), []
    flush = os.fdatasync

    def slow(fd: int) -> None:
        flushes.append(fd)
        arrived.set()
        gate.wait(10)
        flush(fd)

    with Journal(tmp_path / "journal") as journal:
        store = journal._store
        monkeypatch.setattr(os, "fdatasync", slow)
        threads = [threading.Thread(target=store.sync) for _ in range(8)]
        threads[0].start()
        arrived.wait(10)
        for thread in threads[1:]:
            thread.start()
        while store._arrived < 9:  # type: ignore[attr-defined]  # 8 and the one at the start
            pass
        gate.set()
        for thread in threads:
            thread.join()
        assert len(flushes) == 2


def test_after_a_flush_that_failed_nothing_is_called_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(fd: int) -> None:
        raise OSError(5, "Input/output error")

    journal = Journal(tmp_path / "journal")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fails)
        with pytest.raises(StoreError, match="durable"):
            journal.append("clr", {}, durable=True)
    with pytest.raises(StoreError, match="durable"):
        journal.append("clr", {}, durable=True)
    with pytest.raises(StoreError):
        journal.close()
