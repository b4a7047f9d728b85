"""The filters that notice calls: together they refuse what the one filter refuses, and let through no more."""

from __future__ import annotations

import errno
import platform

import pytest

from sandbox.policies import SeccompGroup, load_policies
from sandbox.seccomp.bpf import (
    AUDIT_ARCH,
    RET_ALLOW,
    RET_ERRNO,
    RET_KILL_PROCESS,
    RET_TRACE,
    RET_USER_NOTIF,
)
from sandbox.seccomp.filter import build_filter, build_watched
from tests.data_files.bpf import Call, Filter
from tests.data_files.test_seccomp import number_of

POLICIES = load_policies()
ARCH = AUDIT_ARCH[platform.machine()]
# What the init itself needs; were one of these watched, it would wait for its own answer for ever.
OF_THE_INIT = [
    "mount",
    "umount2",
    "setns",
    "clone",
    "setresuid",
    "setgroups",
    "capset",
    "prctl",
    "seccomp",
    "pidfd_open",
]


def watched_by(name):
    policy = POLICIES[name]
    found = build_watched(policy.seccomp, policy.table.seccomp.groups)
    assert found is not None
    return found


@pytest.mark.parametrize("name", sorted(POLICIES))
@pytest.mark.parametrize("arguments", [(0,) * 6, (0xFFFFFFFFFFFFFFFF,) * 6])
def test_every_number_is_refused_or_granted_as_before(name, arguments):
    policy, watched = POLICIES[name], watched_by(name)
    alone = Filter(build_filter(policy.seccomp, policy.table.seccomp.groups))
    notice, rest, errors = Filter(watched.notice), Filter(watched.rest), dict(watched.errors)
    for number in range(1201):
        call = Call(number, ARCH, arguments)
        before = alone.answer(call)
        if number in errors:
            assert before == RET_ERRNO | errors[number]
            assert errors[number] > 0
            assert (notice.answer(call), rest.answer(call)) == (RET_USER_NOTIF, RET_TRACE)
        else:
            assert (notice.answer(call), rest.answer(call)) == (RET_ALLOW, before)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_what_only_attackers_need_is_watched_with_the_errors_of_the_table(name):
    errors = dict(watched_by(name).errors)
    for call in ("ptrace", "process_vm_readv", "process_vm_writev", "bpf", "perf_event_open", "keyctl", "kcmp"):
        assert errors[number_of(call)] == errno.EPERM, call
    for call in ("io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd"):
        assert errors[number_of(call)] == errno.ENOSYS, call


@pytest.mark.parametrize("call", OF_THE_INIT)
def test_the_init_may_do_its_work_unwatched(call):
    for name in POLICIES:
        assert number_of(call) not in dict(watched_by(name).errors)


def test_both_filters_kill_another_abi():
    watched = watched_by("default")
    for compiled in (Filter(watched.notice), Filter(watched.rest)):
        for arch in {*AUDIT_ARCH.values(), 0x40000003} - {ARCH}:
            assert compiled.answer(Call(number_of("ptrace"), arch)) == RET_KILL_PROCESS
        assert compiled.answer(Call(0x40000000 | number_of("ptrace"), ARCH)) == RET_KILL_PROCESS


def test_a_call_that_a_policy_grants_is_not_watched():
    policy = POLICIES["default"]
    table = policy.seccomp.model_copy(update={"watched": SeccompGroup(reason="as a test", calls=("read", "ptrace"))})
    found = build_watched(table, policy.table.seccomp.groups)
    assert found is not None
    assert [number for number, _ in found.errors] == [number_of("ptrace")]


def test_nothing_is_watched_where_the_table_names_nothing():
    policy = POLICIES["default"]
    groups = policy.table.seccomp.groups
    assert build_watched(policy.seccomp.model_copy(update={"watched": None}), groups) is None
    granted = policy.seccomp.model_copy(update={"watched": SeccompGroup(reason="as a test", calls=("read",))})
    assert build_watched(granted, groups) is None


def test_every_watched_call_is_known_here():
    watched = POLICIES["default"].seccomp.watched
    assert watched is not None
    newer = {"process_mrelease", "process_madvise", "mount_setattr"}
    assert {call for call in watched.calls if number_of(call) is None} <= newer
    assert len(watched.reason.split()) >= 3
