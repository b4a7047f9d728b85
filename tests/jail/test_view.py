"""What a program sees of the world: nothing that is not its own."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from sandbox.jail.cell import Cell
from sandbox.model import plan as plans
from tests.jail.cells import Bench, begin, end, run

pytestmark = [pytest.mark.jail, pytest.mark.asyncio(loop_scope="module")]

_LOOK = """
import json, os, resource, signal, sys

def status():
    return {name: value.strip() for name, _, value in (line.partition(":") for line in open("/proc/self/status"))}

def tree(top):
    return sorted(os.listdir(top))

def fds():
    found = []
    for number in range(4096):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found

seen = {
    "fds": fds(),
    "ids": [os.getresuid(), os.getresgid(), os.getgroups()],
    "pids": [os.getpid(), os.getppid(), os.getsid(0), os.getpgid(0)],
    "proc": [name for name in tree("/proc") if not name.isdigit()],
    "others": [name for name in tree("/proc") if name.isdigit() and int(name) != os.getpid()],
    "status": status(),
    "environment": dict(os.environ),
    "argv": sys.argv,
    "cwd": os.getcwd(),
    "host": list(os.uname())[1],
    "root": {top: tree(top) for top in ("/", "/box", "/dev", "/etc", "/usr", "/usr/bin", "/usr/local",
                                        "/usr/local/bin")},
    "site": tree("/usr/local/lib/python%d.%d/site-packages" % sys.version_info[:2]),
    "work": [tree(top) for top in ("/box/work", "/box/tmp", "/box/shm")],
    "limits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if "RLIMIT_" in name},
    "modules": sorted(name for name in sys.modules if name.startswith("_cell") or "sitecustomize" in name),
    "secrets": [path for path in ("/etc/shadow", "/root", "/home", "/var", "/sys", "/run", "/work", "/mnt", "/proc/sys",
                "/proc/1", "/proc/kcore", "/proc/keys", "/proc/mounts") if os.path.lexists(path)],
    "mounts": open("/proc/self/mountinfo").read(),
    "signals": [signal.getsignal(number) in (signal.SIG_DFL, signal.SIG_IGN, signal.default_int_handler, None)
                for number in range(1, 32)],
    "mask": [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
    "umask": os.umask(0o022),
    "cgroup": open("/proc/self/cgroup").read(),
    "nice": os.getpriority(os.PRIO_PROCESS, 0),
}
print(json.dumps(seen))
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(jails: Bench) -> dict[str, Any]:
    """What one program told of what it saw."""
    async with jails.cell() as cell:
        ended = await run(cell, _LOOK)
    assert ended.exit_code == 0, ended.stderr.decode()
    return json.loads(ended.stdout)


async def test_it_is_nobody_in_particular(seen: dict[str, Any]) -> None:
    assert seen["ids"] == [[1000] * 3, [1000] * 3, []]


async def test_it_leads_its_own_session_and_is_not_the_first_process(seen: dict[str, Any]) -> None:
    pid, parent, session, group = seen["pids"]
    assert pid > 1
    assert parent == 0
    assert session == group == pid


async def test_its_proc_shows_it_alone_and_nothing_of_the_machine(seen: dict[str, Any]) -> None:
    assert seen["proc"] == ["self", "thread-self"]
    assert seen["others"] == []


async def test_the_root_holds_what_was_put_there_and_nothing_else(seen: dict[str, Any]) -> None:
    root = seen["root"]
    assert root["/"] == ["bin", "box", "dev", "etc", "lib", "lib64", "proc", "tmp", "usr"]
    assert root["/box"] == ["shm", "tmp", "work"]
    links = ["fd", "shm", "stderr", "stdin", "stdout"]
    assert root["/dev"] == sorted(["full", "null", "random", "urandom", "zero", *links])
    assert root["/etc"] == ["group", "hosts", "ld.so.cache", "ld.so.conf", "nsswitch.conf", "passwd"]
    assert set(root["/usr"]) <= {"bin", "lib", "lib64", "local"}
    assert root["/usr/local"] == ["bin", "lib"]
    # A shell and small tools; no compiler, no interpreter but its own, nothing that is set-uid.
    tools = {"sh", "cat", "cp", "echo", "env", "false", "head", "ls", "mkdir", "mv", "rm", "seq", "sleep", "sort"}
    assert set(root["/usr/bin"]) <= tools | {"tail", "touch", "true", "wc"}
    assert {name.rstrip("0123456789.") for name in root["/usr/local/bin"]} == {"python"}


async def test_no_file_of_the_host_can_be_reached(seen: dict[str, Any]) -> None:
    assert seen["secrets"] == []


async def test_no_package_is_there_that_no_policy_granted_and_nothing_of_the_init(seen: dict[str, Any]) -> None:
    assert seen["site"] == []
    assert seen["modules"] == []


async def test_the_writable_folders_hold_its_own_file_alone(seen: dict[str, Any]) -> None:
    assert seen["work"] == [["main.py"], [], []]
    assert seen["cwd"] == "/box/work"


async def test_all_that_it_can_write_to_is_the_box(seen: dict[str, Any]) -> None:
    mounts = [line.split() for line in seen["mounts"].splitlines()]
    points = {line[4]: set(line[5].split(",")) for line in mounts}
    assert points["/"] >= {"ro"}
    # A blank for packages that belongs to nobody in here: it is not read-only, and nobody may write.
    writable = {point for point, options in points.items() if "ro" not in options and not point.endswith("-packages")}
    assert writable == {"/box"}
    assert points["/box"] >= {"nosuid", "nodev"}
    assert points["/proc"] >= {"nosuid", "nodev", "noexec"}


async def test_it_has_no_capability_that_it_could_use_and_can_gain_none(seen: dict[str, Any]) -> None:
    status = seen["status"]
    assert [int(status[name], 16) for name in ("CapEff", "CapPrm", "CapAmb")] == [0, 0, 0]
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    # The one that notices, which the init is bound to as well, and the candidate's own.
    assert status["Seccomp_filters"] == "2"


async def test_it_inherits_no_capability_and_is_bounded_to_none(seen: dict[str, Any]) -> None:
    assert [int(seen["status"][name], 16) for name in ("CapInh", "CapBnd")] == [0, 0]


async def test_nobody_traces_it_and_it_may_look_at_itself(seen: dict[str, Any]) -> None:
    assert seen["status"]["TracerPid"] == "0"
    assert int(seen["status"]["Threads"]) == 1


async def test_its_descriptors_are_the_three_standard_ones(seen: dict[str, Any]) -> None:
    assert seen["fds"] == [0, 1, 2]


async def test_its_environment_is_the_planned_one(seen: dict[str, Any], jails: Bench) -> None:
    assert seen["environment"] == dict(jails.plan().environment)
    assert seen["argv"] == ["main.py"]
    assert seen["host"] == "sandbox"


async def test_its_limits_are_those_of_the_policy(seen: dict[str, Any], jails: Bench) -> None:
    limits, planned = seen["limits"], jails.plan().limits
    assert limits["RLIMIT_NPROC"] == [planned.processes] * 2
    assert limits["RLIMIT_NOFILE"] == [planned.open_files] * 2
    assert limits["RLIMIT_STACK"] == [min(planned.stack_bytes, planned.memory_bytes)] * 2
    assert limits["RLIMIT_CORE"] == [0, 0]
    assert limits["RLIMIT_MSGQUEUE"] == [0, 0]
    assert 0 <= limits["RLIMIT_FSIZE"][0] - planned.file_bytes <= 1


async def test_its_signals_are_as_an_interpreter_leaves_them(seen: dict[str, Any]) -> None:
    assert all(seen["signals"])
    assert seen["mask"] == []
    assert seen["umask"] == 0o022
    assert seen["nice"] == 0


async def test_cgroups_of_the_host_have_no_name_in_it(seen: dict[str, Any]) -> None:
    for line in seen["cgroup"].splitlines():
        assert "sandbox" not in line


async def test_a_program_that_is_executed_sees_three_descriptors_too(jails: Bench) -> None:
    async with jails.cell() as cell:
        begin(cell, "")
        ended = await cell.submit(plans.TestPlan("exec", cell.plan.limits, argv=("/usr/bin/ls", "/proc/self/fd")))
        cell.end_program()
    # The last is the folder that ls itself reads.
    assert ended.stdout.split() == [b"0", b"1", b"2", b"3"]


_NETWORK = """
import errno, json, os, socket

def errno_of(call):
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "ok"

def connect(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(path)

families = {name: errno_of(lambda: socket.socket(getattr(socket, name), socket.SOCK_DGRAM).close())
            for name in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_BLUETOOTH", "AF_ALG")
            if hasattr(socket, name)}
print(json.dumps({"families": families, "unix": errno_of(lambda: socket.socketpair()),
                  "abstract": errno_of(lambda: connect("\\0/tmp/dbus-x")),
                  "name": errno_of(lambda: socket.create_connection(("127.0.0.1", 22), 1))}))
"""


async def test_there_is_no_network(jails: Bench) -> None:
    async with jails.cell() as cell:
        ended = await run(cell, _NETWORK)
    found = json.loads(ended.stdout)
    assert set(found["families"].values()) == {"EAFNOSUPPORT"}
    assert found["name"] == "EAFNOSUPPORT"
    assert found["unix"] == "ok"
    assert found["abstract"] == "ECONNREFUSED"


_ESCAPES = """
import ctypes, errno, json, os

libc = ctypes.CDLL(None, use_errno=True)
FLAGS = {"user": 0x10000000, "mount": 0x00020000, "pid": 0x20000000, "net": 0x40000000, "uts": 0x04000000}

def call(name, *arguments):
    ctypes.set_errno(0)
    result = getattr(libc, name)(*arguments)
    return "ok" if result >= 0 else errno.errorcode[ctypes.get_errno()]

def attempt(work):
    try:
        work()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "ok"

found = {f"unshare {name}": call("unshare", flag) for name, flag in FLAGS.items()}
stack = ctypes.create_string_buffer(65536)
top = ctypes.c_void_p(ctypes.addressof(stack) + 65000)
action = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lambda _: 0)
for name, flag in FLAGS.items():
    found[f"clone {name}"] = call("clone", action, top, flag | 17, None)
found["mount"] = call("mount", b"tmpfs", b"/box/work", b"tmpfs", 0, None)
found["umount"] = call("umount2", b"/box", 2)
found["chroot"] = attempt(lambda: os.chroot("/box"))
found["setns"] = attempt(lambda: os.setns(os.open("/proc/self/ns/mnt", os.O_RDONLY), 0))
found["ptrace"] = call("ptrace", 16, 1, None, None)
found["setuid"] = attempt(lambda: os.setuid(0))
found["setgid"] = attempt(lambda: os.setgid(0))
found["host name"] = call("sethostname", b"x", 1)
found["kill init"] = attempt(lambda: os.kill(1, 9))
found["kill parent"] = attempt(lambda: os.kill(os.getppid(), 0)) if os.getppid() else "EPERM"
found["device"] = attempt(lambda: os.mknod("/box/work/disk", 0o060666, os.makedev(254, 0)))
# Said to be done, and not done: who could wait for a CPU by choice could look starved by choice.
os.setpriority(os.PRIO_PROCESS, 0, 19)
os.sched_setaffinity(0, {0})
found["priority"] = "EPERM" if os.getpriority(os.PRIO_PROCESS, 0) == 0 else "ok"
found["scheduler"] = attempt(lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0)))
found["scheduler"] = "EPERM" if os.sched_getscheduler(0) == os.SCHED_OTHER else "ok"
found["root file"] = attempt(lambda: open("/etc/passwd", "a"))
found["new file"] = attempt(lambda: open("/etc/new", "w"))
found["device write"] = attempt(lambda: open("/dev/new", "w"))
found["own source"] = attempt(lambda: open("/box/work/main.py", "a"))
found["source away"] = attempt(lambda: os.unlink("/box/work/main.py"))
found["source moved"] = attempt(lambda: os.rename("/box/work/main.py", "/box/work/other.py"))
found["folder mode"] = attempt(lambda: os.chmod("/box/work", 0o700))
found["oom score"] = attempt(lambda: os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000"))
found["bpf"] = str(libc.syscall(321, 0, 0, 0) < 0)
found["io_uring"] = str(libc.syscall(425, 8, 0) < 0)
print(json.dumps(found))
"""
_MAY = {"EPERM", "EACCES", "EROFS", "ENOSYS"}


async def test_every_way_out_is_refused(jails: Bench) -> None:
    async with jails.cell() as cell:
        ended = await run(cell, _ESCAPES)
    assert ended.exit_code == 0, ended.stderr.decode()
    found = json.loads(ended.stdout)
    assert found.pop("bpf") == found.pop("io_uring") == "True"
    assert {what: said for what, said in found.items() if said not in _MAY} == {}
    assert len(found) > 20


async def test_a_user_namespace_cannot_be_made_even_without_the_filter(jails: Bench) -> None:
    # The second bar: what the filter would let through, the cell's own limit of user namespaces refuses.
    source = """
import ctypes, os
print(open("/proc/sys/user/max_user_namespaces").read() if os.path.exists("/proc/sys") else "hidden")
print(ctypes.CDLL(None).unshare(0x10000000))
"""
    cell = Cell(jails.client, replace(jails.plan(), seccomp=b""))
    await cell.start()
    try:
        ended = await run(cell, source)
    finally:
        await end(cell)
    assert ended.stdout.split() == [b"hidden", b"-1"]


async def test_a_program_finds_no_module_that_its_runtime_does_not_promise(jails: Bench) -> None:
    cell = Cell(jails.client, replace(jails.plan(), preload=()))
    await cell.start()
    try:
        ended = await run(cell, "import sys\nprint({'bisect', 'heapq', 'random', 'string'} & set(sys.modules))")
    finally:
        await end(cell)
    assert ended.stdout == b"set()\n"


async def test_it_may_run_on_every_cpu_that_its_server_may(jails: Bench) -> None:
    async with jails.cell() as cell:
        begin(cell, "import os; print(*sorted(os.sched_getaffinity(0)))")
        ended = await cell.submit(plans.TestPlan("main", cell.plan.limits, argv=("main",)))
        cell.end_program()
    assert [int(cpu) for cpu in ended.stdout.split()] == sorted(os.sched_getaffinity(0))
