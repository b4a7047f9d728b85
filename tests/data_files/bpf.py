"""What the kernel does with a seccomp filter, in Python: an interpreter for classic BPF.

It knows only what filters of system calls may use, and is strict where the kernel's checker is: every jump stays inside
the program, every load is one of a whole word, and the program ends in a return.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_LOAD, _RETURN, _JUMP, _EQUAL, _AT_LEAST, _ANY_BIT = 0x20, 0x06, 0x05, 0x15, 0x35, 0x45
_LONGEST = 4096
_DATA = struct.Struct("<iIQ6Q")


@dataclass(frozen=True)
class Call:
    """A system call as a filter sees it."""

    number: int
    arch: int
    arguments: tuple[int, ...] = (0, 0, 0, 0, 0, 0)

    @property
    def data(self) -> bytes:
        number = self.number - (1 << 32) if self.number >= 1 << 31 else self.number
        return _DATA.pack(number, self.arch, 0x7FFF_0000_1234, *self.arguments)


class Filter:
    """A compiled filter, checked as the kernel would check it."""

    def __init__(self, code: bytes) -> None:
        assert len(code) % 8 == 0
        self.program = list(struct.iter_unpack("<HBBI", code))
        assert 0 < len(self.program) <= _LONGEST
        for at, (what, yes, no, value) in enumerate(self.program):
            left = len(self.program) - at - 1
            match what:
                case 0x20:
                    assert value % 4 == 0
                    assert value < _DATA.size
                case 0x06:
                    pass
                case 0x05:
                    assert value < left
                case 0x15 | 0x35 | 0x45:
                    assert yes < left
                    assert no < left
                case _:
                    raise AssertionError(f"instruction {at}: {what:#x} is not known here")
        assert self.program[-1][0] == _RETURN

    def answer(self, call: Call) -> int:
        """What the filter returns."""
        data, register, at = call.data, 0, 0
        while True:
            what, yes, no, value = self.program[at]
            at += 1
            if what == _RETURN:
                return value
            if what == _LOAD:
                (register,) = struct.unpack_from("<I", data, value)
            elif what == _JUMP:
                at += value
            else:
                holds = {_EQUAL: register == value, _AT_LEAST: register >= value, _ANY_BIT: bool(register & value)}
                at += yes if holds[what] else no
