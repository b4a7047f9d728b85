"""What an action may do beside changing its workspace: nothing, whoever it is and whatever it executes."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sandbox.model.plan import File
from tests.actionjail.branches import Branch, branch_of
from tests.actionjail.conftest import Acting, text

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

# CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER and CAP_FSETID.
FOUR = f"{0b11011:016x}"
STATUS = "grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Groups)' /proc/self/status"
# A call by its number: "OK", or the name of its error.
PRELUDE = """
import ctypes, errno, os, struct
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(number), *words)
    return "OK" if result >= 0 else errno.errorcode[ctypes.get_errno()]
def tried(work):
    try:
        return f"OK {work()}"
    except OSError as error:
        return errno.errorcode[error.errno]
"""
USERS = [(0, 0), (1000, 1000), (65534, 0)]


def fields(status: str) -> dict[str, str]:
    return {name: value.strip() for name, _, value in (line.partition(":") for line in status.splitlines())}


@pytest.mark.parametrize(("uid", "gid"), USERS)
@pytest.mark.parametrize(
    "argv",
    [
        ("sh", "-c", STATUS),
        ("python3", "-c", "print(open('/proc/self/status').read())"),
        ("python3", "-c", f"import subprocess\nsubprocess.run({STATUS!r}, shell=True)"),
        ("env", "sh", "-c", f'sh -c "{STATUS}"'),
        ("python3", "-c", f"import os\nos.fork() or os.execvp('sh', ['sh', '-c', {STATUS!r}])\nos.wait()"),
    ],
)
async def test_whatever_is_executed_has_four_capabilities_and_no_others(
    acting: Acting, branch: Branch, argv: tuple[str, ...], uid: int, gid: int
) -> None:
    check_rights(text(await acting.run(branch, *argv, uid=uid, gid=gid)), uid, gid)


@pytest.mark.parametrize(("uid", "gid"), USERS)
async def test_a_python_program_which_is_executed_by_nobody_has_the_same_four(
    acting: Acting, branch: Branch, uid: int, gid: int
) -> None:
    files = (File("main.py", b"print(open('/proc/self/status').read())"),)
    check_rights(text(await acting.run(branch, mode="main", files=files, uid=uid, gid=gid)), uid, gid)


def check_rights(status: str, uid: int, gid: int) -> None:
    found = fields(status)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert found[kind] == FOUR, kind
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2")
    assert found["Uid"].split() == [str(uid)] * 4
    assert found["Gid"].split() == [str(gid)] * 4
    assert found.get("Groups", "") == ""


@pytest.mark.parametrize("attributes", [6, 0])
async def test_a_set_user_id_program_of_the_workspace_changes_nobody_even_where_the_branch_would_let_it(
    acting: Acting, lower: Path, attributes: int
) -> None:
    (lower / "id0").write_bytes(Path("/usr/bin/id").read_bytes())
    (lower / "id0").chmod(0o6755)
    with branch_of(lower, attributes=attributes) as branch:
        script = (
            "cp /usr/bin/id id65535; chown 65535:65535 id65535; chmod 6755 id65535; ./id0 -u; ./id65535 -u; ls -l id*"
        )
        *ids, first, second = text(await acting.sh(branch, script, uid=1000, gid=1000)).splitlines()
        assert ids == ["1000", "1000"]
        assert first.startswith("-rwsr-sr-x")
        assert second.startswith("-rwsr-sr-x")


@pytest.mark.parametrize(("uid", "gid"), USERS)
async def test_nothing_but_the_workspace_and_the_scratch_space_can_be_written(
    acting: Acting, branch: Branch, uid: int, gid: int
) -> None:
    source = (
        PRELUDE
        + """
written = set()
for line in open("/proc/self/mountinfo"):
    point, options = line.split()[4:6]
    inside = [os.path.join(point, each) for each in os.listdir(point)] if os.path.isdir(point) else []
    for name in (point, *(each for each in inside if not os.path.islink(each))):
        if os.path.isdir(name) and not name.startswith("/proc/"):
            for kind in (lambda p: os.close(os.open(p, os.O_CREAT | os.O_EXCL | os.O_WRONLY)), os.mkdir):
                if tried(lambda: kind(name + "/probe"))[:2] == "OK":
                    written.add("/".join(name.split("/")[:2]))
                    (os.unlink if os.path.isfile(name + "/probe") else os.rmdir)(name + "/probe")
        elif not name.startswith("/dev") and os.path.isfile(name):
            if tried(lambda: os.close(os.open(name, os.O_WRONLY)))[:2] == "OK":
                written.add("/".join(name.split("/")[:2]))
        if name != point and not name.startswith(("/box", "/workspace", "/proc/self", "/proc/thread-self")):
            for change in (lambda: os.chmod(name, 0o777), lambda: os.chown(name, 0, 0), lambda: os.utime(name),
                           lambda: os.rename(name, name + "2"), lambda: os.setxattr(name, "user.x", b"")):
                if tried(change)[:2] == "OK":
                    written.add(f"{name} changed")
print(*sorted(written))
"""
    )
    assert text(await acting.python(branch, source, uid=uid, gid=gid)) == "/box /workspace\n"


async def test_devices_and_whiteouts_cannot_be_made(acting: Acting, branch: Branch) -> None:
    source = (
        PRELUDE
        + """
import stat
for kind in (stat.S_IFCHR, stat.S_IFBLK):
    for device in (os.makedev(0, 0), os.makedev(1, 3), os.makedev(8, 0)):
        print(tried(lambda: os.mknod("device", kind | 0o666, device)))
print(tried(lambda: os.mknod("regular", stat.S_IFREG | 0o666)), os.listdir())
"""
    )
    *denied, last = text(await acting.python(branch, source)).splitlines()
    assert denied == ["EPERM"] * 6
    assert last.startswith("OK")
    assert "device" not in last


async def test_devices_that_the_workspace_has_cannot_be_opened(acting: Acting, lower: Path) -> None:
    os.mknod(lower / "null", 0o020666, os.makedev(1, 3))
    with branch_of(lower, attributes=0) as branch:
        assert text(await acting.python(branch, PRELUDE + "print(tried(lambda: os.open('null', os.O_RDWR)))")) == (
            "EACCES\n"
        )


# x86-64 and, where it differs, other numbers are looked up by the kernel's table of the machine that runs the tests.
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mount", 'b"none", b"/workspace", b"tmpfs", 0, b""'),
        ("mount", 'b"/workspace", b"/box/tmp", b"", 4096, b""'),
        ("mount", 'b"", b"/workspace", b"", 32 | 4096, b""'),
        ("umount2", 'b"/workspace", 2'),
        ("umount2", 'b"/proc", 2'),
        ("unshare", "0x10000000"),
        ("unshare", "0x00020000"),
        ("setns", "0, 0"),
        ("chroot", 'b"/workspace"'),
        ("pivot_root", 'b"/workspace", b"/workspace"'),
        ("open_tree", '-100, b"/workspace", 1'),
        ("move_mount", '-100, b"/box/tmp", -100, b"/workspace", 0'),
        ("fsopen", 'b"tmpfs", 0'),
        ("fspick", '-100, b"/workspace", 0'),
        ("mount_setattr", '-100, b"/workspace", 0, b"\\0" * 32, 32'),
        ("open_by_handle_at", '3, b"\\0" * 64, 0'),
        ("name_to_handle_at", '-100, b"/workspace", b"\\x80" + b"\\0" * 200, b"\\0" * 8, 0'),
        ("ptrace", "16, 1, 0, 0"),
        ("process_vm_readv", "1, 0, 0, 0, 0, 0"),
        ("pidfd_getfd", "0, 0, 0"),
        ("setuid", "65535"),
        ("setgid", "1"),
        ("setgroups", "0, 0"),
        ("setfsuid", "65535"),
        ("capset", 'b"\\0" * 8, b"\\0" * 24'),
        ("bpf", "0, 0, 0"),
        ("keyctl", "0, 0, 0"),
        ("add_key", 'b"user", b"x", b"x", 1, -3'),
        ("quotactl", '0, b"x", 0, 0'),
        ("fanotify_init", "0, 0"),
        ("sync", ""),
        ("syncfs", "0"),
        ("swapon", 'b"/workspace/file", 0'),
        ("acct", 'b"/workspace/file"'),
    ],
)
async def test_the_kernel_is_not_asked(acting: Acting, branch: Branch, name: str, arguments: str) -> None:
    import pyseccomp

    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    separated = f", {arguments}" if arguments else ""
    assert text(await acting.python(branch, f"{PRELUDE}\nprint(call({number}{separated}))")) == "EPERM\n"


@pytest.mark.parametrize("uid", [0, 1000])
async def test_names_that_the_kernel_keeps_for_itself_cannot_be_set(acting: Acting, branch: Branch, uid: int) -> None:
    names = [
        "trusted.overlay.opaque",
        "trusted.overlay.redirect",
        "trusted.x",
        "security.capability",
        "security.ima",
        "security.x",
        "system.x",
    ]
    value = "struct.pack('<IIIII', 0x02000001, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)"
    source = f"{PRELUDE}\nfor name in {names}:\n    print(tried(lambda: os.setxattr('file', name, {value})))"
    answers = text(await acting.python(branch, source, uid=uid)).splitlines()
    assert len(answers) == len(names)
    assert set(answers) <= {"EPERM", "ENOTSUP"}


async def test_flags_of_files_cannot_be_set(acting: Acting, branch: Branch) -> None:
    source = (
        PRELUDE
        + """
import fcntl
for name in ("file", "folder"):
    fd = os.open(name, os.O_RDONLY)
    for request, size in ((0x40086602, 8), (0x40046602, 4), (0x401C5820, 28)):
        for flags in (0x10, 0x20, 0x40, 0):  # immutable, append-only, no dump, none
            print(tried(lambda: fcntl.ioctl(fd, request, struct.pack("<I", flags).ljust(size, b"\\0"))))
print(call(469, -100, b"file", b"\\0" * 24, 24, 0))
"""
    )
    assert set(text(await acting.python(branch, source)).splitlines()) == {"EPERM"}


async def test_the_init_and_what_holds_the_world_are_out_of_reach(acting: Acting, branch: Branch) -> None:
    source = (
        PRELUDE
        + """
import signal
print(sorted(p for p in os.listdir("/proc") if p.isdigit()) == [str(os.getpid())])
for name in ("mem", "environ", "root", "cwd", "fd", "maps", "ns/mnt", "exe", "status"):
    print(tried(lambda: os.open(f"/proc/1/{name}", os.O_RDONLY)))
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGUSR1, 0):
    print(tried(lambda: os.kill(1, number)))
print(tried(lambda: os.kill(-1, signal.SIGINT)))
"""
    )
    for uid in (0, 1000, 65534):
        first, *rest = text(await acting.python(branch, source, uid=uid)).splitlines()
        assert first == "True"
        assert set(rest[:9]) == {"ENOENT"}
        assert set(rest[9:14]) == {"EPERM"}
        branch.remount()


async def test_a_name_that_leads_out_of_the_workspace_leads_into_the_jail(acting: Acting, lower: Path) -> None:
    secret = lower.parent / "secret"
    secret.write_text("of the host")
    (lower / "absolute").symlink_to(secret)
    (lower / "relative").symlink_to("../secret")
    (lower / "many").symlink_to("/".join([".."] * 20) + str(secret))
    (lower / "magic").symlink_to(f"/proc/self/root{secret}")
    (lower / "ours").symlink_to(f"/proc/{os.getpid()}/root{secret}")
    with branch_of(lower) as branch:
        names = "absolute relative many magic ours ../secret /proc/self/root/../secret /proc/self/cwd/../secret"
        ended = await acting.sh(branch, f"for name in {names}; do cat $name && echo FOUND; done; ls /proc/self/root")
        assert "FOUND" not in text(ended)
        assert "of the host" not in text(ended)
        assert set(text(ended).split()) >= {"workspace", "box", "usr"}


async def test_no_link_of_a_file_outside_can_be_made_in_the_workspace(acting: Acting, branch: Branch) -> None:
    source = (
        PRELUDE
        + """
for name in ("/usr/bin/env", "/etc/passwd", "/box/tmp/mine", "/proc/self/status"):
    if name.startswith("/box"):
        open(name, "w").close()
    print(tried(lambda: os.link(name, "stolen")), tried(lambda: os.rename(name, "stolen")))
fd = os.open("/etc/passwd", os.O_RDONLY)
print(tried(lambda: os.link(f"/proc/self/fd/{fd}", "stolen", follow_symlinks=True)), "-")
print(tried(lambda: os.open("/proc/self/exe", os.O_WRONLY)), tried(lambda: os.chmod("/proc/self/exe", 0o777)))
"""
    )
    answers = [line.split() for line in text(await acting.python(branch, source)).splitlines()]
    assert all(first in ("EXDEV", "EROFS", "EPERM") for first, _ in answers[:5])
    assert all(second in ("EXDEV", "EROFS", "EPERM", "-") for _, second in answers[:5])
    assert answers[5][0] in ("EROFS", "EPERM", "EACCES", "ETXTBSY")
    assert answers[5][1] in ("EROFS", "EPERM")
    assert not (branch.upper / "stolen").exists()


async def test_a_socket_or_fifo_that_a_program_of_the_host_has_in_the_workspace_leads_to_nobody(
    acting: Acting, lower: Path
) -> None:
    import socket

    os.mkfifo(lower / "fifo", 0o666)
    with socket.socket(socket.AF_UNIX) as server, branch_of(lower) as branch:
        server.bind(str(lower / "socket"))
        (lower / "socket").chmod(0o777)
        server.listen()
        reader = os.open(lower / "fifo", os.O_RDONLY | os.O_NONBLOCK)
        source = (
            PRELUDE
            + """
import socket
print(tried(lambda: socket.socket(socket.AF_UNIX).connect("socket")))
print(tried(lambda: os.open("fifo", os.O_WRONLY | os.O_NONBLOCK)))
"""
        )
        try:
            assert text(await acting.python(branch, source)) == "ECONNREFUSED\nENXIO\n"
            assert os.read(reader, 1) == b""
        finally:
            os.close(reader)


async def test_files_of_owners_that_the_workspace_cannot_have_are_not_taken(acting: Acting, lower: Path) -> None:
    (lower / "theirs").write_text("theirs\n")
    os.chown(lower / "theirs", 0x71000000, 70000)
    (lower / "theirs").chmod(0o600)
    with branch_of(lower) as branch:
        source = (
            PRELUDE
            + """
print(tried(lambda: os.open("theirs", os.O_RDONLY)), tried(lambda: os.open("theirs", os.O_WRONLY)),
      tried(lambda: os.chown("theirs", 0, 0)), tried(lambda: os.chmod("theirs", 0o666)))
"""
        )
        refused = {getattr(errno, name) for name in text(await acting.python(branch, source)).split()}
        assert refused <= {errno.EACCES, errno.EPERM, errno.EOVERFLOW}


async def test_ids_beyond_those_of_a_workspace_cannot_be_given(acting: Acting, branch: Branch) -> None:
    source = PRELUDE + "print(*(tried(lambda: os.chown('file', n, n)) for n in (65536, 0x71000000, 2**32 - 2)))"
    assert text(await acting.python(branch, source)) == "EINVAL EINVAL EINVAL\n"
