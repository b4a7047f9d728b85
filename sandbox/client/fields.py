"""Python values as fields of a `ScoreRequest`; what a field cannot hold is Rejected, naming the field."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from sandbox.client.errors import Rejected, known
from sandbox.jail.init.plain import encode
from sandbox.v1 import job_pb2

Text = str | bytes


def unicode_text(text: str) -> str:
    """A model may write half of a surrogate pair, which no file can hold: it becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def source_file(path: str, content: Text) -> job_pb2.SourceFile:
    """One file of a program; bytes are for what is not text."""
    if isinstance(content, bytes):
        return job_pb2.SourceFile(path=path, data=content)
    return job_pb2.SourceFile(path=path, text=unicode_text(content))


def program(
    source: str,
    language: str,
    files: Mapping[str, Text] | None = None,
    main: str = "",
    entry_point: str = "",
    argv: Sequence[str] = (),
) -> job_pb2.Program:
    """A program of one file, or of a tree of them."""
    return job_pb2.Program(
        language=language,
        source=unicode_text(source),
        files=[source_file(path, content) for path, content in (files or {}).items()],
        main=main,
        entry_point=entry_point,
        argv=argv,
    )


def put_text(message: Message, name: str, value: Text) -> None:
    """Sets a text field, or its twin for bytes."""
    setattr(message, f"{name}_bytes" if isinstance(value, bytes) else name, value)


def plain_json(field: str, value: object) -> str:
    """A Python value as the judge reads it. Raises Rejected for what is not plain data."""
    text = encode(value)
    # Quotes inside strings are escaped, so this is never part of one.
    if '{"$opaque":' in text:
        raise Rejected(
            field, "holds a value that is not plain data", "give numbers, text, bytes and containers of them"
        )
    return text


def limits_message(field: str, limits: Mapping[str, int]) -> job_pb2.Limits:
    """Limits by their names. Raises Rejected for a name that is none."""
    names = [each.name for each in job_pb2.Limits.DESCRIPTOR.fields]
    return job_pb2.Limits(**{known(f"{field}.{name}", name, names): value for name, value in limits.items()})


def fill_params(
    message: job_pb2.RewardSpec | job_pb2.Comparator, field: str, params: Mapping[str, object] | None
) -> None:
    """Parameters of a scheme or comparator. Raises Rejected for what JSON cannot hold."""
    try:
        ParseDict(dict(params or {}), message.params)
    except ParseError as error:
        raise Rejected(f"{field}.params", str(error), "numbers, strings, booleans, lists and dicts of them") from error


def effect_assertion(field: str, given: job_pb2.EffectAssertion | Mapping[str, object]) -> job_pb2.EffectAssertion:
    """An assertion by the names of its fields. Raises Rejected for other names, and for what JSON cannot hold."""
    if isinstance(given, job_pb2.EffectAssertion):
        return given
    names = ["post", *(each.name for each in job_pb2.EffectAssertion.DESCRIPTOR.fields)]
    values = {known(f"{field}.{name}", name, names): value for name, value in given.items()}
    try:
        if "post" in values:
            values["post_json"] = json.dumps(values.pop("post"), allow_nan=False)
        return job_pb2.EffectAssertion(**values)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise Rejected(field, str(error), "numbers, strings, booleans, lists and dicts of them") from error
