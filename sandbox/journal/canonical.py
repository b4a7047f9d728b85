"""Records as bytes: RFC 8785 (JCS), the same on every machine, and the only thing that is hashed.

JCS numbers are doubles, and bodies carry nanoseconds and inode numbers. Integers beyond ±(2^53 - 1) are therefore
written as `{"$int": "DECIMAL"}` within bodies, and `ts` and `mono_ns` of a record as strings; reading gives integers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

import rfc8785

from sandbox.errors import SandboxError
from sandbox.journal.record import Kind, Record

# A record's bytes: what has to be found whole by every reader, and so stays small.
MAX_BYTES = 64 << 10
MAX_DEPTH = 64
KINDS: frozenset[str] = frozenset(get_args(Kind))
VERSION = 1

_SAFE = 2**53 - 1
_TAG = "$int"
# As long as Python turns a decimal into a number without being asked to.
_BITS = 13_000
_FIELDS = frozenset(
    ("action", "body", "kind", "mono_ns", "principal", "seq", "session", "traceparent", "ts", "v"),
)
_TIME = re.compile(r"[0-9]{1,20}")
_DECIMAL = re.compile(r"-?[1-9]\d{0,4095}")
_plain = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
string = json.JSONEncoder(ensure_ascii=False).encode


class RecordError(SandboxError):
    """A body that cannot become a record, or bytes that are none."""

    code = "record"


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of plain JSON. Raises RecordError for what has none.

    Written by `json` where both agree (ASCII keys, no floats), at a quarter of the time, and by `rfc8785` elsewhere.
    """
    try:
        shape = _shape(value, MAX_DEPTH)
        if shape == _EASY:
            return _plain(value).encode()
        return rfc8785.dumps(_tagged(value) if shape & _BIG else value)
    except UnicodeEncodeError as error:
        raise RecordError("a record holds a string that is no valid Unicode", why=str(error), fix=_ESCAPE) from error
    except rfc8785.CanonicalizationError as error:
        raise RecordError("a record holds what JSON cannot say", why=str(error), fix=_ESCAPE) from error


_ESCAPE = "write bytes as hex or base64, or put them into the blob store"
_EASY, _ODD, _BIG = 0, 1, 2


def _shape(value: Any, depth: int) -> int:
    """Whether `json` writes it as JCS asks; what is of no plain type is odd, and `rfc8785` refuses it."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return _EASY
    if kind is int:
        return _EASY if -_SAFE <= value <= _SAFE else _ODD | _BIG
    if depth == 0:
        raise RecordError(f"a record is nested deeper than {MAX_DEPTH}", fix="put it into the blob store")
    found = _EASY
    if kind is dict:
        for key, each in value.items():
            if key == _TAG:
                raise RecordError(f"a record holds a key {_TAG!r}, which stands for large integers", fix="rename it")
            if type(key) is not str or not key.isascii():
                found |= _ODD
            if type(each) is not str:
                found |= _shape(each, depth - 1)
        return found
    if kind is list or kind is tuple:
        for each in value:
            found |= _shape(each, depth - 1)
        return found
    if kind is float:
        return _ODD
    raise RecordError(f"a record holds a {kind.__name__}", fix="bodies are plain JSON: dict, list, str, numbers, None")


def _tagged(value: Any) -> Any:
    if type(value) is dict:
        return {key: _tagged(each) for key, each in value.items()}
    if type(value) is list or type(value) is tuple:
        return [_tagged(each) for each in value]
    if type(value) is int and not -_SAFE <= value <= _SAFE:
        if value.bit_length() > _BITS:
            raise RecordError("a record holds a number of thousands of digits", fix="put it into the blob store")
        return {_TAG: str(value)}
    return value


def _untagged(data: dict[str, Any]) -> Any:
    if _TAG not in data:
        return data
    number = data[_TAG]
    if len(data) != 1 or not isinstance(number, str) or not _DECIMAL.fullmatch(number) or abs(int(number)) <= _SAFE:
        raise RecordError(f"{_TAG!r} stands for no large integer")
    return int(number)


class Draft:
    """A record but for its place: all that can be written before the journal's write lock is held."""

    __slots__ = ("action", "body", "head", "kind", "middle", "principal", "session", "tail", "traceparent")

    def __init__(
        self, kind: str, body: Mapping[str, Any], action: str, session: str, principal: str, traceparent: str
    ) -> None:
        if kind not in KINDS:
            raise RecordError(f"no kind of record is called {kind!r}", fix="sandbox/journal/record.py names them")
        if "\0" in action or "\0" in session:
            raise RecordError("the name of an action or a session holds a zero character")
        self.kind, self.body, self.action, self.session = kind, body, action, session
        self.principal, self.traceparent = principal, traceparent
        written = canonical(body if type(body) is dict else dict(body))
        try:
            self.head = b'{"action":%b,"body":%b,"kind":"%b","mono_ns":"' % (
                string(action).encode(),
                written,
                kind.encode(),
            )
            self.middle = b'","principal":%b,"seq":' % string(principal).encode()
            self.tail = b',"session":%b,"traceparent":%b,"ts":"' % (
                string(session).encode(),
                string(traceparent).encode(),
            )
        except UnicodeEncodeError as error:
            raise RecordError("a record's name is no valid Unicode", why=str(error), fix=_ESCAPE) from error
        size = len(self.head) + len(self.middle) + len(self.tail) + 72
        if size > MAX_BYTES:
            raise RecordError(
                f"a record of {size:,} bytes is larger than {MAX_BYTES:,}",
                fix="put what is large into the blob store, and its digest into the record",
            )

    def placed(self, seq: int, ts: int, mono_ns: int) -> bytes:
        """The whole record's canonical bytes."""
        return b'%b%d%b%d%b%d","v":1}' % (self.head, mono_ns, self.middle, seq, self.tail, ts)

    def record(self, seq: int, ts: int, mono_ns: int) -> Record:
        """The same as a value."""
        return Record(
            seq,
            ts,
            mono_ns,
            self.session,
            self.action,
            self.principal,
            self.traceparent,
            self.kind,  # type: ignore[arg-type]  # looked up in KINDS
            self.body,
        )


def encode(record: Record) -> bytes:
    """A record's canonical bytes. Raises RecordError."""
    draft = Draft(record.kind, record.body, record.action, record.session, record.principal, record.traceparent)
    return draft.placed(record.seq, record.ts, record.mono_ns)


def parse(data: bytes) -> Any:
    """JSON that `canonical` wrote. Raises RecordError for anything that is no JSON, or is too deep."""
    return _parse(data, _whole)


def _parse(data: bytes, read: Callable[[str], Any]) -> Any:
    try:
        return read(data.decode())
    except (ValueError, RecursionError) as error:
        raise RecordError("not JSON", why=str(error)) from error


def _number(digits: str) -> int | float:
    found = int(digits) if len(digits) < 400 else _refuse(digits)
    return found if -_SAFE <= found <= _SAFE else float(digits)


def _refuse(token: str) -> int:
    raise RecordError(f"{token[:20]} is no number of JCS")


# Of what JCS writes, the quick one reads all but large integers and large doubles.
_quick = json.JSONDecoder(parse_constant=_refuse).decode
_whole = json.JSONDecoder(object_hook=_untagged, parse_int=_number, parse_constant=_refuse).decode


def decode(data: bytes) -> Record:
    """The record that `encode` wrote. Raises RecordError for anything else, however near."""
    if len(data) > MAX_BYTES:
        raise RecordError(f"{len(data):,} bytes are no record: {MAX_BYTES:,} at most")
    if b'"$int"' not in data:
        record = _record(_parse(data, _quick))
        if encode(record) == data:
            return record
    record = _record(parse(data))
    if encode(record) != data:
        raise RecordError("not in canonical form")
    return record


def _record(found: Any) -> Record:
    if type(found) is not dict or found.keys() != _FIELDS or found["v"] != VERSION:
        raise RecordError("not the fields of a record")
    session, action, principal = found["session"], found["action"], found["principal"]
    traceparent, kind, ts, mono = found["traceparent"], found["kind"], found["ts"], found["mono_ns"]
    for text in (session, action, principal, traceparent, kind, ts, mono):
        if type(text) is not str:
            raise RecordError("a record's fields are of other types")
    if type(found["seq"]) is not int or type(found["body"]) is not dict:
        raise RecordError("a record's fields are of other types")
    if not (_TIME.fullmatch(ts) and _TIME.fullmatch(mono)):
        raise RecordError("a record's times are no decimals")
    return Record(found["seq"], int(ts), int(mono), session, action, principal, traceparent, kind, found["body"])
