"""The filters of the shipped policies: what `policies/seccomp.toml` says is what a kernel would answer."""

from __future__ import annotations

import errno
import platform

import pyseccomp
import pytest

from sandbox.policies import load_policies
from sandbox.seccomp.bpf import AUDIT_ARCH, RET_ALLOW, RET_ERRNO, RET_KILL_PROCESS
from sandbox.seccomp.filter import build_filter
from tests.data_files.bpf import Call, Filter

POLICIES = load_policies()
POLICY = POLICIES["default"]
ARCH = AUDIT_ARCH[platform.machine()]
DENIED = RET_ERRNO | errno.EPERM
# Their arguments decide.
NARROWED = {"clone", "socket", "socketpair", "ioctl", "mknod", "mknodat"}

CLONE_THREAD = 0x003D0F00  # what pthread_create asks for, without clone3
NAMESPACES = {
    "time": 0x80,
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "network": 0x40000000,
}
# What no program of any policy may do.
NEVER = [
    *(
        "unshare",
        "setns",
        "mount",
        "umount2",
        "pivot_root",
        "chroot",
        "move_mount",
        "fsopen",
        "fsmount",
        "open_tree",
        "mount_setattr",
    ),
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("keyctl", "add_key", "request_key"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff"),
    *("settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname"),
    *("setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "capset"),
    *("shmget", "shmat", "msgget", "semget", "mq_open"),
    *(
        "name_to_handle_at",
        "open_by_handle_at",
        "seccomp",
        "personality",
        "quotactl",
        "acct",
        "syslog",
    ),
    *("iopl", "ioperm", "lookup_dcookie", "fanotify_init", "clone3"),
]


@pytest.fixture(scope="module", params=sorted(POLICIES))
def policy(request):
    return POLICIES[request.param]


@pytest.fixture(scope="module")
def compiled(policy):
    return Filter(build_filter(policy.seccomp, policy.table.seccomp.groups))


def number_of(name):
    try:
        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    except ValueError:
        return None
    return number if number >= 0 else None


def answer(compiled, name, *arguments):
    padded = (*arguments, *[0] * (6 - len(arguments)))
    return compiled.answer(Call(number_of(name), ARCH, padded))


def granted(policy):
    return {name for group in policy.table.seccomp.groups for name in policy.seccomp.groups[group].calls}


def test_every_group_says_why_and_names_calls():
    for name, group in POLICY.seccomp.groups.items():
        assert len(group.reason.split()) >= 3, name
        assert group.calls, name


def test_no_call_stands_in_two_places():
    listed = [name for group in POLICY.seccomp.groups.values() for name in group.calls] + [*POLICY.seccomp.answers]
    assert sorted(listed) == sorted(set(listed))


def test_every_group_is_granted_by_some_policy():
    assert {group for policy in POLICIES.values() for group in policy.table.seccomp.groups} == set(
        POLICY.seccomp.groups
    )


def test_every_answer_is_an_errno():
    assert POLICY.seccomp.answers
    assert [name for name in POLICY.seccomp.answers.values() if name != "OK" and not hasattr(errno, name)] == []


def test_nearly_every_listed_call_is_known_here():
    # A misspelt call is left out of the filter in silence, as one that this machine lacks is.
    newer = {"futex_waitv", "cachestat", "fchmodat2", "map_shadow_stack"}
    named = {name for policy in POLICIES.values() for name in granted(policy)}
    unknown = {name for name in named if number_of(name) is None} - newer
    old = {"open", "stat", "lstat", "access", "dup2", "fork", "vfork", "pipe", "select", "poll", "rename", "mkdir"}
    old |= {"rmdir", "creat", "link", "unlink", "symlink", "readlink", "chmod", "chown", "lchown", "utime", "utimes"}
    old |= {"futimesat", "getdents", "epoll_create", "epoll_wait", "eventfd", "signalfd", "inotify_init", "getpgrp"}
    old |= {"arch_prctl", "time", "alarm", "pause", "mknod"}
    assert unknown <= (set() if platform.machine() == "x86_64" else old)


def test_every_number_is_answered_as_the_table_says(policy, compiled):
    table = dict.fromkeys(range(1201), DENIED)
    for name, error in POLICY.seccomp.answers.items():
        if (number := number_of(name)) is not None:
            table[number] = RET_ERRNO | (0 if error == "OK" else getattr(errno, error))
    for name in granted(policy) - NARROWED:
        if (number := number_of(name)) is not None:
            table[number] = RET_ALLOW
    # Numbers that this libseccomp does not know yet.
    for number in (449, 451, 452, 453):
        table[number] = RET_ALLOW
    for name in NARROWED:
        del table[number_of(name)]
    assert {number: compiled.answer(Call(number, ARCH)) for number in table} == table


@pytest.mark.parametrize("name", NEVER)
def test_what_no_program_may_do_is_never_granted(name):
    if number_of(name) is None:
        pytest.skip("this machine has no such call")
    ones = (0xFFFFFFFFFFFFFFFF,) * 6
    for policy in POLICIES.values():
        compiled = Filter(build_filter(policy.seccomp, policy.table.seccomp.groups))
        for arguments in ((0,) * 6, ones):
            assert compiled.answer(Call(number_of(name), ARCH, arguments)) != RET_ALLOW


def test_clone_makes_threads_and_processes_but_no_namespace(compiled):
    assert answer(compiled, "clone", CLONE_THREAD) == RET_ALLOW
    assert answer(compiled, "clone", 17) == RET_ALLOW  # fork: SIGCHLD and nothing else
    for name, flag in NAMESPACES.items():
        assert answer(compiled, "clone", flag | 17) == DENIED, name
        assert answer(compiled, "clone", flag | CLONE_THREAD) == DENIED, name
        assert answer(compiled, "clone", flag | 1 << 40) == DENIED, name


@pytest.mark.parametrize("family", range(64))
def test_only_unix_sockets_can_be_made(compiled, family):
    allowed = RET_ALLOW if family == 1 else RET_ERRNO | errno.EAFNOSUPPORT
    assert answer(compiled, "socket", family, 1) == allowed
    # The kernel takes an int: what stands above it changes nothing.
    assert answer(compiled, "socket", family | 7 << 32, 1) == allowed


def tcp():
    return Filter(build_filter(POLICY.seccomp, POLICY.table.seccomp.groups, tcp=True))


@pytest.mark.parametrize("family", range(64))
def test_with_egress_tcp_over_ipv4_can_be_spoken_and_nothing_else(family):
    compiled, unknown = tcp(), RET_ERRNO | errno.EPROTONOSUPPORT
    for kind in range(16):
        for flags in (0, 0o4000, 0o2000000, 1 << 40):
            for protocol in (0, 1, 2, 6, 17, 58, 132, 255, 262):
                expected = RET_ERRNO | errno.EAFNOSUPPORT
                if family == 1 or (family == 2 and kind in (0, 1) and protocol in (0, 2, 6)):
                    expected = RET_ALLOW  # no kind 0, and no stream over protocol 2, is known to the kernel
                elif family == 2:
                    expected = unknown
                assert answer(compiled, "socket", family, kind | flags, protocol) == expected
    assert answer(compiled, "socketpair", family, 1) == (RET_ALLOW if family == 1 else RET_ERRNO | errno.EAFNOSUPPORT)


@pytest.mark.parametrize(("name", "place"), [("mknod", 1), ("mknodat", 2)])
def test_no_policy_lets_a_device_be_made_and_that_of_actions_lets_fifos_and_sockets(policy, compiled, name, place):
    if number_of(name) is None:
        pytest.skip("this machine has no such call")
    for kind in range(16):
        device = kind in (0o02, 0o06)
        made = policy.name == "actions" and kind in (0, 0o01, 0o10, 0o14)
        found = answer(compiled, name, *[0] * place, kind << 12 | 0o7777, 0x103)
        assert not (device and found == RET_ALLOW)
        assert found == RET_ALLOW or not made


def test_flags_of_files_are_refused(compiled):
    for request in (0x40086602, 0x40046602, 0x401C5820):
        assert answer(compiled, "ioctl", 3, request) == DENIED
        assert answer(compiled, "ioctl", 3, request - 1) == RET_ALLOW


def test_typing_into_a_terminal_is_refused_and_other_ioctls_are_not(compiled):
    assert answer(compiled, "ioctl", 0, 0x5412) == DENIED
    assert answer(compiled, "ioctl", 0, 0x5412 | 1 << 32) == DENIED
    for request in (0x5401, 0x5411, 0x5413, 0x541B):
        assert answer(compiled, "ioctl", 0, request) == RET_ALLOW


def test_another_abi_is_killed(compiled):
    for arch in {*AUDIT_ARCH.values(), 0x40000003} - {ARCH}:
        assert compiled.answer(Call(number_of("read"), arch)) == RET_KILL_PROCESS
    assert compiled.answer(Call(0x40000000 | number_of("read"), ARCH)) == RET_KILL_PROCESS


def test_a_policy_that_grants_nothing_allows_nothing():
    compiled = Filter(build_filter(POLICY.seccomp, ()))
    assert RET_ALLOW not in {compiled.answer(Call(number, ARCH)) for number in range(1201)}
