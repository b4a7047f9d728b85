"""The tree's hashes, kept in tiles of 256 (as C2SP tlog-tiles): one row for 256 records, and every proof from a few.

Tile `n` of level 0 holds the hashes of leaves 256n to 256n+255, and beside them the hash of the subtree that they make;
256 of those are a tile of level 1, and so on. What no tile holds yet comes from the records themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.journal.merkle import Frontier, Subtree, leaf_hash, node_hash

WIDTH = 256
_BITS = 8
_SIZE = 32


@dataclass(frozen=True, slots=True)
class Tile:
    """256 neighbouring hashes of one level, and the root of them."""

    level: int
    n: int
    hashes: bytes
    root: bytes

    @classmethod
    def of(cls, level: int, n: int, hashes: Sequence[bytes]) -> Tile:
        """The tile of 256 hashes."""
        return cls(level, n, b"".join(hashes), _reduce(hashes))


# A tile by (level, n), or None; the root hashes of a level's tiles from n on; records' bytes from seq on, below stop.
Tiles = Callable[[int, int], Tile | None]
Roots = Callable[[int, int], Sequence[bytes]]
Data = Callable[[int, int], Sequence[bytes]]


def due(size: int, roots: Roots, data: Data) -> list[Tile]:
    """The tiles that the `size`th record completed: of level 0 with every 256th, of level 1 with every 65,536th."""
    made: list[Tile] = []
    level, count = 0, size
    while count and count % WIDTH == 0:
        n = count // WIDTH - 1
        if level == 0:
            hashes: Sequence[bytes] = [leaf_hash(each) for each in data(n * WIDTH, count)]
        else:
            hashes = [*roots(level - 1, n * WIDTH), made[-1].root]
        made.append(Tile.of(level, n, hashes))
        level, count = level + 1, count // WIDTH
    return made


def subtrees(tiles: Tiles, roots: Roots, data: Data, size: int) -> Subtree:
    """Looks up hashes of complete subtrees of the first `size` records; LookupError where the store has holes."""
    kept: dict[tuple[int, int], list[bytes]] = {}

    def row(tile_level: int, n: int) -> list[bytes]:
        """The hashes of one tile, complete or not."""
        found = kept.get((tile_level, n))
        if found is None:
            tile = tiles(tile_level, n)
            if tile is not None:
                found = [tile.hashes[at : at + _SIZE] for at in range(0, len(tile.hashes), _SIZE)]
            elif tile_level == 0:
                found = [leaf_hash(each) for each in data(n * WIDTH, min((n + 1) * WIDTH, size))]
            else:
                found = list(roots(tile_level - 1, n * WIDTH))[:WIDTH]
            kept[tile_level, n] = found
        return found

    def subtree(level: int, index: int) -> bytes:
        tile_level, inner = divmod(level, _BITS)
        first = index << inner
        hashes = row(tile_level, first // WIDTH)[first % WIDTH :][: 1 << inner]
        if len(hashes) != 1 << inner:
            raise LookupError(f"the hashes of level {level} end before {index}")
        return _reduce(hashes)

    return subtree


def _reduce(hashes: Sequence[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def grow(frontier: Frontier, data: Sequence[bytes]) -> None:
    """Adds records' bytes to a frontier."""
    for each in data:
        frontier.push(leaf_hash(each))
