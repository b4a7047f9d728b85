"""Writes values for a program: what the jail's encoder writes, and the judge's stand-ins."""

from __future__ import annotations

import binascii

from sandbox.jail.init.plain import Encoder, opaque

from .types import NdArray, Opaque, PlainDict, PlainSet, Value


def encode(value: Value) -> str:
    """The value as one line of plain JSON in ASCII."""
    return _JudgeEncoder().encode(value)


class _JudgeEncoder(Encoder):
    def other(self, value: Value, depth: int) -> object:
        if isinstance(value, PlainSet):
            return {"$frozenset" if value.frozen else "$set": self.items(value.items, depth + 1)}
        if isinstance(value, PlainDict):
            keys = self.items([key for key, _ in value.pairs], depth + 1)
            values = self.items([item for _, item in value.pairs], depth + 1)
            return {"$dict": list(zip(keys, values, strict=True))}
        if isinstance(value, NdArray):
            data = binascii.b2a_base64(value.data, newline=False).decode("ascii")
            return {"$ndarray": {"dtype": value.dtype, "shape": value.shape, "data": data}}
        if isinstance(value, Opaque):
            return opaque(value.type_name, value.overrides)
        return super().other(value, depth)
