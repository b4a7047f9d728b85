"""The tree of RFC 9162, against its definition."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.journal import merkle
from sandbox.journal.tiles import WIDTH, Tile, due, subtrees

# The reference implementation's test vectors: leaves and roots of the trees of 0 to 8 of them.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def root(leaves: list[bytes]) -> bytes:
    """As RFC 9162 2.1.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


class Memory:
    """Tiles and records in lists, as a store has them."""

    def __init__(self, count: int) -> None:
        self.records = [b"%d" % number for number in range(count)]
        self.tiles: dict[tuple[int, int], Tile] = {}
        for size in range(WIDTH, count + 1, WIDTH):
            for tile in due(size, self.roots, self.data):
                self.tiles[tile.level, tile.n] = tile

    def roots(self, level: int, start: int) -> list[bytes]:
        found = (self.tiles.get((level, n)) for n in range(start, start + 256))
        return [tile.root for tile in found if tile is not None]

    def data(self, start: int, stop: int) -> list[bytes]:
        return self.records[start:stop]

    def subtree(self, size: int) -> merkle.Subtree:
        return subtrees(lambda level, n: self.tiles.get((level, n)), self.roots, self.data, size)


MEMORY = Memory(70_000)


def test_roots_are_those_of_the_reference_implementation() -> None:
    frontier = merkle.Frontier()
    for leaf, expected in zip([*LEAVES, None], ROOTS, strict=True):
        assert frontier.root().hex() == expected
        if leaf is not None:
            frontier.push(merkle.leaf_hash(leaf))


@given(st.integers(0, 700))
@settings(deadline=None, max_examples=60)
def test_frontiers_pushed_and_from_tiles_agree_with_the_definition(size: int) -> None:
    pushed = merkle.Frontier()
    for data in MEMORY.records[:size]:
        pushed.push(merkle.leaf_hash(data))
    found = merkle.frontier(MEMORY.subtree(size), size)
    assert (found.peaks, found.root()) == (pushed.peaks, root(MEMORY.records[:size]))


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_inclusion_is_proven_for_every_leaf_and_for_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 600) | st.integers(65_000, 70_000))
    index = data.draw(st.integers(0, size - 1))
    subtree = MEMORY.subtree(size)
    top = merkle.frontier(subtree, size).root()
    proof = merkle.inclusion_proof(subtree, index, size)
    leaf = merkle.leaf_hash(MEMORY.records[index])
    assert merkle.verify_inclusion(leaf, index, size, proof, top)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"x"), index, size, proof, top)
    assert not merkle.verify_inclusion(leaf, index, size, [*proof, top], top)
    if proof:
        assert not merkle.verify_inclusion(leaf, index, size, proof[:-1], top)
        # Two neighbours' proofs differ in their first hash at least.
        assert not merkle.verify_inclusion(leaf, index ^ 1, size, proof, top)


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_consistency_is_proven_for_what_grew_and_for_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 600) | st.integers(65_000, 70_000))
    old = data.draw(st.integers(0, size))
    subtree = MEMORY.subtree(size)
    before, after = merkle.frontier(subtree, old).root(), merkle.frontier(subtree, size).root()
    proof = merkle.consistency_proof(subtree, old, size)
    assert merkle.verify_consistency(old, before, size, after, proof)
    if 0 < old < size:
        other = merkle.leaf_hash(b"other")
        assert not merkle.verify_consistency(old, other, size, after, proof)
        assert not merkle.verify_consistency(old, before, size, other, proof)
        assert not merkle.verify_consistency(old, before, size, after, [*proof, other])
        assert not merkle.verify_consistency(old, before, size, after, proof[:-1])


@pytest.mark.parametrize("size", range(1, 20))
def test_every_pair_of_small_trees_is_consistent(size: int) -> None:
    subtree = MEMORY.subtree(size)
    for old in range(size + 1):
        proof = merkle.consistency_proof(subtree, old, size)
        roots = (root(MEMORY.records[:old]), root(MEMORY.records[:size]))
        assert merkle.verify_consistency(old, roots[0], size, roots[1], proof)


def test_a_proof_for_a_smaller_tree_proves_nothing_of_a_larger_one() -> None:
    subtree = MEMORY.subtree(4)
    top, before = root(MEMORY.records[:4]), root(MEMORY.records[:2])
    leaf, proof = merkle.leaf_hash(MEMORY.records[0]), merkle.inclusion_proof(subtree, 0, 4)
    assert merkle.verify_inclusion(leaf, 0, 4, proof, top)
    assert not merkle.verify_inclusion(leaf, 0, 8, proof, top)
    proof = merkle.consistency_proof(subtree, 2, 4)
    assert merkle.verify_consistency(2, before, 4, top, proof)
    assert not merkle.verify_consistency(2, before, 8, top, proof)


def test_a_tile_of_the_second_level_is_the_tree_of_65536_records() -> None:
    assert MEMORY.tiles[1, 0].root == root(MEMORY.records[: WIDTH * WIDTH])


def test_proofs_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(MEMORY.subtree(5), 5, 5)
    with pytest.raises(ValueError, match="did not grow"):
        merkle.consistency_proof(MEMORY.subtree(5), 6, 5)
    assert not merkle.verify_inclusion(merkle.EMPTY, 5, 5, [], merkle.EMPTY)
    assert not merkle.verify_consistency(6, merkle.EMPTY, 5, merkle.EMPTY, [])


def test_a_hole_in_the_store_is_told() -> None:
    holed = subtrees(lambda level, n: None, lambda level, n: [], lambda start, stop: [], 600)
    with pytest.raises(LookupError):
        merkle.frontier(holed, 600)


def test_tiles_of_both_levels_are_there() -> None:
    assert sorted({level for level, _ in MEMORY.tiles}) == [0, 1]
    numbers = sorted(n for level, n in MEMORY.tiles if level == 0)
    assert len(numbers) == 70_000 // 256
    assert all(after == before + 1 for before, after in pairwise(numbers))
