"""Finds and reads the TOML files that ship with the package: runtimes and policies."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.errors import ConfigError, nearest

_INSTALLED = Path(__file__).parent / "data"
_CHECKOUT = Path(__file__).parent.parent


class Strict(BaseModel):
    """A table of a data file: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Table = TypeVar("Table", bound=Strict)


def folder(kind: str) -> Path:
    """Where the files of a kind ("runtimes", "policies") are: inside the wheel, or at the top of a checkout."""
    installed = _INSTALLED / kind
    return installed if installed.is_dir() else _CHECKOUT / kind


def read_toml(path: Path) -> dict[str, Any]:
    """The file as a dictionary; a ConfigError names the line where it does not parse."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: {error}", fix="see the other files in the same folder") from error
    except FileNotFoundError as error:
        known = sorted(p.stem for p in path.parent.glob("*.toml"))
        raise ConfigError(f"no file {path.name} in {path.parent}", fix=nearest(path.stem, known)) from error


def check(model: type[Table], data: dict[str, Any], path: Path) -> Table:
    """Validates `data` as `model`; a ConfigError names file, line and key, and the nearest known key."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # A key that is misspelt is missing, too: the unknown one is the mistake.
        found = error.errors()
        first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
        keys = [str(part) for part in first["loc"]]
        if not keys:
            raise ConfigError(f"{path.name}: {first['msg']}", fix="see the other files in the same folder") from error
        line = _line_of(path, keys)
        where = f"{path.name}:{line}" if line else path.name
        fix = ""
        if first["type"] == "extra_forbidden":
            fix = nearest(keys[-1], _known_keys(model, keys[:-1]))
            raise ConfigError(f"{where}: unknown key {'.'.join(keys)!r}", fix=fix) from error
        raise ConfigError(f"{where}: {'.'.join(keys)}: {first['msg']}", fix=fix) from error


def _known_keys(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        field = model.model_fields.get(part)
        inner = _table_in(field.annotation) if field else None
        if inner is not None:
            model = inner
        # The name of a table inside a map of tables is no field; the table is that of the map.
    return list(model.model_fields)


def _table_in(annotation: Any) -> type[BaseModel] | None:
    """The table that an annotation speaks of, also inside of `Table | None` and `dict[str, Table]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_table_in, get_args(annotation))), None)


@lru_cache(maxsize=64)
def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines())


def _line_of(path: Path, keys: list[str]) -> int:
    """The line that sets the last of `keys`, searched below its table's header; 0 where it is not written out."""
    table = ".".join(keys[:-1])
    inside = table == ""
    for number, line in enumerate(_lines(path), 1):
        text = line.strip()
        if text.startswith("["):
            inside = text.strip("[]") == table
            if text.strip("[]") == ".".join(keys):
                return number
        elif inside and text.partition("=")[0].strip().strip('"') == keys[-1]:
            return number
    return 0
