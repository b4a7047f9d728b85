"""White space on bytes, fast and linear: the normal forms in which outputs are compared.

White space is the ASCII set space, tab, line feed, carriage return, vertical tab, form feed; lines end at a line feed.
Every function here makes a few passes over the data in C and never holds more than one block of it as Python objects,
so that an output of 64 MiB costs some copies of itself and not a list with a million entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import AnyStr

BLOCK = 1 << 18
_WHITE = b" \t\n\r\x0b\x0c"
_INNER = b"\t\r\x0b\x0c"
_WHITE_TO_SPACE = bytes.maketrans(_WHITE, b" " * len(_WHITE))
_INNER_TO_SPACE = bytes.maketrans(_INNER, b" " * len(_INNER))
_BREAKS_TO_NEWLINE = bytes.maketrans(b"\t\x0b\x0c\r", b"   \n")
_RUN = 16
_SMALL = 1 << 10


def line_blocks(data: AnyStr, separator: AnyStr) -> Iterator[AnyStr]:
    """Cut data into blocks of whole lines; the separator between two blocks belongs to neither."""
    start = 0
    while True:
        end = data.find(separator, start + BLOCK)
        if end < 0:
            yield data[start:] if start else data
            return
        yield data[start:end]
        start = end + 1


def map_lines(data: bytes, change: Callable[[bytes], bytes], keep_empty: bool = True) -> bytes:
    """Apply a change to every line; without `keep_empty`, lines that come out empty are dropped."""
    if keep_empty:
        return b"\n".join([b"\n".join(map(change, block.split(b"\n"))) for block in line_blocks(data, b"\n")])
    blocks = (b"\n".join(filter(None, map(change, block.split(b"\n")))) for block in line_blocks(data, b"\n"))
    return b"\n".join(filter(None, blocks))


def rstrip_lines(data: bytes) -> bytes:
    """Drop the white space at the end of each line and the blank lines at the end of the data."""
    text = data.rstrip()
    if len(text) < _SMALL:
        return b"\n".join([line.rstrip() for line in text.split(b"\n")])
    before = len(text)
    for white in b"\r \t\x0b\x0c":
        if white in text:
            text = text.replace(bytes((white, 10)), b"\n")
    if len(text) < before and any(bytes((white, 10)) in text for white in b"\r \t\x0b\x0c"):
        return map_lines(text, bytes.rstrip)
    return text


def one_line(data: bytes) -> bytes:
    """Put all tokens on one line with one space between them: two outputs agree iff their token lists do."""
    if len(data) < BLOCK:
        return b" ".join(data.split())
    return squeeze(data.translate(_WHITE_TO_SPACE), b" ").strip(b" ")


def token_lines(data: bytes) -> bytes:
    """Keep line breaks, put one space between tokens, and drop blank lines at the end."""
    return _join_breaks(data.rstrip().translate(_INNER_TO_SPACE))


def token_breaks(data: bytes) -> bytes:
    """Make every gap between tokens one line feed if it holds a line break (LF or CR), else one space."""
    return squeeze(_join_breaks(data.strip().translate(_BREAKS_TO_NEWLINE)), b"\n")


def _join_breaks(text: bytes) -> bytes:
    text = squeeze(text, b" ").lstrip(b" ")
    return text.replace(b" \n", b"\n").replace(b"\n ", b"\n")


def squeeze(text: bytes, byte: bytes) -> bytes:
    """Replace every run of one byte by a single one; each pass at least halves the longest run."""
    pair, run = byte * 2, byte * _RUN
    while pair in text:
        text = text.replace(run, byte) if run in text else text.replace(pair, byte)
    return text


def token_blocks(data: bytes) -> Iterator[list[bytes]]:
    """Yield all tokens in order, one list for each block of data; a token is never cut in two."""
    spaced = data.translate(_WHITE_TO_SPACE)
    start = 0
    while start < len(spaced):
        end = spaced.find(b" ", start + BLOCK)
        if end < 0:
            end = len(spaced)
        yield spaced[start:end].split()
        start = end


def tokens(data: bytes) -> Iterator[bytes]:
    """Yield the tokens one by one."""
    return chain.from_iterable(token_blocks(data))


def tokens_and_breaks(form: bytes) -> Iterator[bytes]:
    """Yield the tokens of a `token_lines` or `token_breaks` form, and a b"\\n" for every line feed between them."""
    blocks = (block.replace(b"\n", b" \n ").split(b" ") for block in line_blocks(form, b"\n"))
    for number, block in enumerate(blocks):
        if number:
            yield b"\n"
        yield from filter(None, block)


def units(form: AnyStr, separator: AnyStr) -> Iterator[AnyStr]:
    """Yield what stands between the separators of a normal form; an empty form has no unit."""
    for block in line_blocks(form, separator) if form else ():
        yield from block.split(separator)


def count_units(form: bytes, separator: bytes) -> int:
    """Count what `units` would yield."""
    return form.count(separator) + 1 if form else 0


def first_difference(one: bytes, other: bytes) -> int:
    """Offset of the first byte that differs; the shorter length when one is the start of the other."""
    low, size = 0, min(len(one), len(other))
    while low < size and one[low : low + BLOCK] == other[low : low + BLOCK]:
        low += BLOCK
    low, high = min(low, size), min(low + BLOCK, size)
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
