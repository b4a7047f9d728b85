"""Extended attributes, with the owners that stand in some of them moved between a branch and the disk.

Formats: linux/posix_acl_xattr.h and linux/capability.h, both little-endian.
"""

from __future__ import annotations

import errno
import os
import struct

from sandbox.effects.adapter import UnsupportedError

Xattrs = tuple[tuple[bytes, bytes], ...]
_OVERLAY = "trusted.overlay."
_ACLS = ("system.posix_acl_access", "system.posix_acl_default")
_CAPABILITY = "security.capability"
_ACL_HEAD = struct.Struct("<I")
_ACL_ENTRY = struct.Struct("<HHI")
# Tags of the entries that name somebody: ACL_USER, ACL_GROUP.
_NAMED = (0x02, 0x08)
_CAPABILITY_2, _CAPABILITY_3 = 0x02000000, 0x03000000
_REVISION = 0xFF000000


def read_xattrs(at: int | bytes, ids: int = 0) -> Xattrs:
    """Those of a descriptor, or of a path whose last part is not followed; sorted; `ids` taken off owners in them.

    What overlayfs keeps for itself is left out. Raises OSError, UnsupportedError.
    """
    try:
        names = os.listxattr(at) if isinstance(at, int) else os.listxattr(at, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EPERM):
            return ()
        raise
    if not names:
        return ()
    found = []
    for name in names:
        if name.startswith(_OVERLAY):
            continue
        value = os.getxattr(at, name, follow_symlinks=isinstance(at, int))
        found.append((os.fsencode(name), shifted(name, value, -ids)))
    return tuple(sorted(found))


def shifted(name: str, value: bytes, by: int) -> bytes:
    """`value` with `by` added to the owners that stand in it; in the shortest form that says the same.

    Raises UnsupportedError for what is not well formed, and for an owner that becomes negative.
    """
    if name in _ACLS:
        return _shifted_acl(name, value, by) if by else value
    if name == _CAPABILITY:
        return _shifted_capability(value, by)
    return value


def _shifted_acl(name: str, value: bytes, by: int) -> bytes:
    if len(value) < _ACL_HEAD.size or (len(value) - _ACL_HEAD.size) % _ACL_ENTRY.size:
        raise UnsupportedError(f"{name} is not well formed")
    found = [value[: _ACL_HEAD.size]]
    for tag, rights, owner in _ACL_ENTRY.iter_unpack(value[_ACL_HEAD.size :]):
        found.append(_ACL_ENTRY.pack(tag, rights, _moved(name, owner, by) if tag in _NAMED else owner))
    return b"".join(found)


def _shifted_capability(value: bytes, by: int) -> bytes:
    """Revision 3 names the root user that the capabilities are for; without it, or with 0, it is the machine's."""
    if len(value) not in (20, 24):
        return value
    (magic,) = struct.unpack_from("<I", value)
    root = struct.unpack_from("<I", value, 20)[0] if magic & _REVISION == _CAPABILITY_3 and len(value) == 24 else 0
    root = _moved(_CAPABILITY, root, by)
    flags = magic & ~_REVISION
    if root == 0:
        return struct.pack("<I", _CAPABILITY_2 | flags) + value[4:20]
    return struct.pack("<I", _CAPABILITY_3 | flags) + value[4:20] + struct.pack("<I", root)


def _moved(name: str, owner: int, by: int) -> int:
    if not 0 <= owner + by < 0xFFFFFFFF:
        raise UnsupportedError(f"{name} names an owner, {owner}, that the branch cannot map")
    return owner + by
