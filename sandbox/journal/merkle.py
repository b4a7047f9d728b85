"""The Merkle tree of RFC 9162 (as RFC 6962): roots, and proofs that records are in it and that it only grew.

A leaf is `SHA-256(0x00 ‖ record)`, a node `SHA-256(0x01 ‖ left ‖ right)`, and the left side of a node is the largest
complete subtree that leaves something for the right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

# The hash of the complete subtree of `2**level` leaves that is the `index`th of its level.
Subtree = Callable[[int, int], bytes]

EMPTY = hashlib.sha256(b"").digest()
_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """Of one record's canonical bytes."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of two subtrees that stand side by side."""
    return _sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees that make up a tree so far, largest first: all that it needs to grow. O(log n) big."""

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size, self.peaks = size, list(peaks)

    def push(self, leaf: bytes) -> None:
        """Adds one leaf's hash."""
        size, peaks = self.size, self.peaks
        while size & 1:
            leaf = _sha256(b"\x01" + peaks.pop() + leaf).digest()
            size >>= 1
        peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root of all pushed so far."""
        if not self.peaks:
            return EMPTY
        found = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            found = node_hash(peak, found)
        return found

    def copy(self) -> Frontier:
        """One that grows by itself."""
        return Frontier(self.size, self.peaks)


def frontier(subtree: Subtree, size: int) -> Frontier:
    """The frontier of the first `size` leaves."""
    peaks, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            peaks.append(subtree(level, start >> level))
            start += 1 << level
    return Frontier(size, peaks)


def range_hash(subtree: Subtree, start: int, stop: int) -> bytes:
    """The hash of the leaves `start` to `stop` of a tree, where they are one node of it."""
    size = stop - start
    level = (size - 1).bit_length()
    if size == 1 << level:
        return subtree(level, start >> level)
    middle = start + (1 << (level - 1))
    return node_hash(range_hash(subtree, start, middle), range_hash(subtree, middle, stop))


def inclusion_proof(subtree: Subtree, index: int, size: int) -> list[bytes]:
    """What leads from leaf `index` to the root of the first `size` leaves (RFC 9162 2.1.3.1). Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    start, stop, proof = 0, size, []
    while stop - start > 1:
        middle = start + (1 << ((stop - start - 1).bit_length() - 1))
        if index < middle:
            proof.append(range_hash(subtree, middle, stop))
            stop = middle
        else:
            proof.append(range_hash(subtree, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(subtree: Subtree, old: int, size: int) -> list[bytes]:
    """What shows that the first `old` leaves' tree became that of `size` leaves (RFC 9162 2.1.4.1). Raises ValueError.

    Empty where `old` is 0 or `size`: there is nothing to show.
    """
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {size} did not grow from one of {old}")
    if old in (0, size):
        return []
    start, stop, whole, proof = 0, size, True, []
    while stop - start != old - start:
        middle = start + (1 << ((stop - start - 1).bit_length() - 1))
        if old <= middle:
            proof.append(range_hash(subtree, middle, stop))
            stop = middle
        else:
            proof.append(range_hash(subtree, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(range_hash(subtree, start, stop))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `leaf` is the hash of leaf `index` of the tree with that root (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(each, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `size` leaves begins with that of `old` leaves (RFC 9162 2.1.4.2)."""
    if not 0 <= old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == EMPTY
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, each)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == root
