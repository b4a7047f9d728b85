"""What commands and programs do to a workspace is in its branch, with the ids of the workspace, and nowhere else."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

import pytest

from sandbox.model.outcome import End
from sandbox.model.plan import File
from tests.actionjail.branches import Branch, branch_of
from tests.actionjail.conftest import Acting, text

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]


async def test_a_command_works_in_the_workspace_and_the_folder_below_stays_as_it_was(
    acting: Acting, branch: Branch, lower: Path
) -> None:
    ended = await acting.sh(branch, "pwd; cat file; echo second >> file; echo new > made; rm folder/inner; echo $HOME")
    assert text(ended) == "/workspace\nfirst\n/tmp\n"
    assert (branch.upper / "file").read_text() == "first\nsecond\n"
    assert (branch.upper / "made").read_text() == "new\n"
    assert branch.owner("made") == (0, 0)
    assert stat.S_ISCHR((branch.upper / "folder" / "inner").lstat().st_mode)
    assert (lower / "file").read_text() == "first\n"
    assert (lower / "folder" / "inner").exists()
    assert not (lower / "made").exists()


async def test_owner_mode_and_group_change_and_the_ids_are_those_of_the_workspace(
    acting: Acting, branch: Branch
) -> None:
    script = "chown 7:8 file && chmod 640 folder/inner && chgrp 65534 folder && touch s && chmod 6755 s && chown -h 9 l"
    text(await acting.sh(branch, "ln -s file l && " + script))
    assert branch.owner("file") == (7, 8)
    assert branch.owner("folder") == (0, 65534)
    assert branch.owner("l") == (9, 0)
    assert stat.S_IMODE((branch.upper / "folder" / "inner").lstat().st_mode) == 0o640
    assert stat.S_IMODE((branch.upper / "s").lstat().st_mode) == 0o6755


async def test_a_hard_link_stays_one_file_under_both_names(acting: Acting, branch: Branch) -> None:
    text(await acting.sh(branch, "echo more >> twin; ln folder/inner other; stat -c %h file twin other"))
    assert (branch.upper / "twin").read_text() == "first\nmore\n"
    assert (branch.upper / "other").lstat().st_ino == (branch.upper / "folder" / "inner").lstat().st_ino


async def test_a_folder_of_the_workspace_is_renamed(acting: Acting, branch: Branch) -> None:
    ended = await acting.python(branch, "import os\nos.rename('folder', 'moved')\nprint(os.listdir('moved'))")
    assert text(ended) == "['inner']\n"
    assert os.getxattr(branch.upper / "moved", "trusted.overlay.redirect") == b"folder"


async def test_attributes_and_access_lists_are_set_and_removed(acting: Acting, branch: Branch) -> None:
    source = """
import os, struct
os.setxattr("file", "user.note", b"seen")
entry = lambda tag, bits, who=0xFFFFFFFF: struct.pack("<HHI", tag, bits, who)
acl = struct.pack("<I", 2) + entry(1, 6) + entry(2, 4, 7) + entry(4, 4) + entry(16, 6) + entry(32, 4)
os.setxattr("folder/inner", "system.posix_acl_access", acl)
assert os.getxattr("folder/inner", "system.posix_acl_access") == acl
os.setxattr("made", "user.gone", b"") if os.close(os.open("made", os.O_CREAT | os.O_WRONLY)) is None else 0
os.removexattr("made", "user.gone")
print(os.listxattr("file"), os.listxattr("made"))
"""
    assert text(await acting.python(branch, source)) == "['user.note'] []\n"
    assert os.getxattr(branch.upper / "file", "user.note") == b"seen"


async def test_fifos_and_sockets_are_made(acting: Acting, branch: Branch) -> None:
    source = "import os, socket\nos.mkfifo('fifo')\nsocket.socket(socket.AF_UNIX).bind('socket')\n"
    text(await acting.python(branch, source))
    assert stat.S_ISFIFO((branch.upper / "fifo").lstat().st_mode)
    assert stat.S_ISSOCK((branch.upper / "socket").lstat().st_mode)


async def test_the_workspace_of_another_user_is_acted_on_as_that_user(acting: Acting, lower: Path) -> None:
    for path in [lower, *lower.rglob("*")]:
        os.chown(path, 1000, 1001)
    (lower / "foreign").write_text("of root\n")
    with branch_of(lower) as branch:
        script = "id -u; id -g; echo x > made; echo y >> file; echo z >> foreign; chown 0:0 folder/inner; stat -c %u ."
        assert text(await acting.sh(branch, script, uid=1000, gid=1001)) == "1000\n1001\n1000\n"
        assert branch.owner("made") == branch.owner("file") == (1000, 1001)
        assert branch.owner("foreign") == branch.owner("folder/inner") == (0, 0)


@pytest.mark.parametrize("mode", ["wal", "delete", "truncate"])
async def test_sqlite_works_on_a_file_of_the_workspace(acting: Acting, branch: Branch, mode: str) -> None:
    source = f"""
import sqlite3
a, b = sqlite3.connect("shop.db"), sqlite3.connect("shop.db")
print(a.execute("pragma journal_mode={mode}").fetchone()[0])
a.execute("create table t (n integer primary key, x text)")
a.executemany("insert into t (x) values (?)", [("row",)] * 100)
a.commit()
print(b.execute("select count(*) from t").fetchone()[0], b.execute("pragma integrity_check").fetchone()[0])
"""
    assert text(await acting.python(branch, source)) == f"{mode}\n100 ok\n"
    assert (branch.upper / "shop.db").stat().st_size > 0


async def test_a_database_of_the_workspace_is_read_and_written_by_the_next_action(
    acting: Acting, branch: Branch
) -> None:
    write = "import sqlite3\nc = sqlite3.connect('d')\nc.execute('pragma journal_mode=wal')\n"
    text(
        await acting.python(
            branch,
            write + "c.execute('create table t (n)')\nc.execute('insert into t values (7)')\n"
            "c.commit()\nimport os\nos.kill(os.getpid(), 0)\n",
        )
    )
    branch.remount()
    assert text(await acting.python(branch, write + "print(*c.execute('select n from t').fetchone())")) == "7\n"


async def test_a_program_of_several_files_runs_in_the_workspace(acting: Acting, branch: Branch) -> None:
    files = (
        File("main.py", b"import os, sys\nimport lib.part\nprint(os.getcwd(), sys.argv[1:], lib.part.x, input())\n"
                        b"open('out', 'w').write('1')\nraise SystemExit(3)\n"),
        File("lib/part.py", b"x = 5\n"),
    )  # fmt: skip
    ended = await acting.run(branch, "a", "b c", mode="main", files=files, stdin=b"line\n")
    assert (ended.exit_code, ended.stdout) == (3, b"/workspace ['a', 'b c'] 5 line\n")
    assert (branch.upper / "out").exists()
    assert sorted(path.name for path in branch.upper.iterdir()) == ["out"]


async def test_a_command_finds_the_files_that_came_with_it(acting: Acting, branch: Branch) -> None:
    files = (File("tool", b"#!/bin/sh\necho tool $1 in $(pwd)\n", executable=True),)
    assert text(await acting.run(branch, "/box/work/tool", "7", files=files)) == "tool 7 in /workspace\n"


async def test_a_file_of_the_workspace_is_run_by_its_path_with_or_without_a_magic_number(
    acting: Acting, branch: Branch
) -> None:
    text(await acting.sh(branch, "printf 'echo plain $1' > run; chmod +x run"))
    branch.remount()
    assert text(await acting.run(branch, "./run", "x")) == "plain x\n"


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (("no-such-tool",), 127, b"no-such-tool: command not found\n"),
        (("./no-such-file",), 127, b"./no-such-file: command not found\n"),
        (("file/below",), 127, b"file/below: command not found\n"),
        (("./file",), 126, b"./file: Permission denied\n"),
        (("./folder",), 126, b"./folder: Permission denied\n"),
        ((os.fsdecode(b"\xff-tool"),), 127, b"\xff-tool: command not found\n"),
    ],
)
async def test_what_cannot_be_run_is_told_apart_from_what_is_not_there(
    acting: Acting, branch: Branch, argv: tuple[str, ...], code: int, message: bytes
) -> None:
    ended = await acting.run(branch, *argv)
    assert (ended.end, ended.exit_code, ended.stderr) == (End.EXIT, code, message)


async def test_arguments_input_and_environment_arrive_byte_by_byte(acting: Acting, branch: Branch) -> None:
    odd = os.fsdecode(bytes(range(1, 256)))
    ended = await acting.python(
        branch,
        "import os, sys\nsys.stdout.buffer.write(sys.stdin.buffer.read() + os.environb[b'ODD'] + os.environb[b'LANG'])",
        stdin=bytes(range(256)),
        environment={"ODD": odd, "LANG": "C", "EMPTY": ""},
    )
    assert ended.stdout == bytes(range(256)) + os.fsencode(odd) + b"C"
    branch.remount()
    echoed = await acting.run(branch, "printf", "%s", odd)
    assert echoed.stdout == os.fsencode(odd)


async def test_the_environment_of_one_action_is_not_that_of_the_next(acting: Acting, branch: Branch) -> None:
    text(await acting.sh(branch, "true", environment={"SECRET": "x"}))
    branch.remount()
    assert "SECRET" not in text(await acting.run(branch, "env"))


async def test_long_arguments_reach_the_command_and_too_long_ones_are_the_command_s_failure(
    acting: Acting, branch: Branch
) -> None:
    long = "x" * 100_000
    assert text(await acting.run(branch, "printf", "%s", *[long] * 9)) == long * 9


async def test_git_keeps_a_history_in_the_workspace(acting: Acting, branch: Branch) -> None:
    script = (
        "git init -q . && git add -A && git -c user.name=n -c user.email=e commit -qm one && echo x >> file && "
        "git diff --stat && git stash -q 2>/dev/null; git log --oneline | wc -l"
    )
    assert "2 files changed, 2 insertions(+)" in text(await acting.sh(branch, script))


async def test_the_usual_tools_work_on_the_workspace(acting: Acting, branch: Branch) -> None:
    script = """
set -e
tar czf all.tgz file folder && mkdir out && tar xzf all.tgz -C out && diff -r folder out/folder
sed -i s/first/second/ file && grep -c second file && awk '{print $1 "!"}' file
find . -name inner | sort && cp -a folder copy && sort -r file | head -n1 && install -m 600 file installed
mktemp -p . >/dev/null && truncate -s 10 sparse && sha256sum file | cut -c1-4 && timeout 5 sleep 0 && nproc >/dev/null
seq 3 | xargs -n1 echo | tr '\\n' ' ' && gzip -t all.tgz && date >/dev/null && df . >/dev/null && cp file f2
"""
    ended = await acting.sh(branch, script)
    assert text(ended).split("\n")[:4] == ["1", "second!", "./folder/inner", "./out/folder/inner"]


async def test_nobody_has_the_branch_open_when_the_action_has_ended(acting: Acting, branch: Branch) -> None:
    for number in range(5):
        text(await acting.sh(branch, f"echo {number} >> file; sleep 30 > folder/open < file & tail -f file & true"))
        # The kernel refuses an upper folder that a mount still uses.
        branch.remount()
    assert (branch.upper / "file").read_text() == "first\n0\n1\n2\n3\n4\n"


async def test_the_branch_is_mounted_nowhere_when_the_action_has_ended(acting: Acting, branch: Branch) -> None:
    text(await acting.sh(branch, "grep -c ' /workspace ' /proc/self/mountinfo; mkdir a; sleep 30 < a &"))
    tables = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            tables.append((process / "mountinfo").read_text())
    assert any(" /box " in table or " /proc " in table for table in tables)
    assert all(" /workspace " not in table for table in tables)
