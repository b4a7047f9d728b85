"""Finds and reads the TOML files that ship with the package: runtimes and policies."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.errors import ConfigError, nearest
from sandbox.toml_lines import Keys, lines_of

_INSTALLED = Path(__file__).parent / "data"
_CHECKOUT = Path(__file__).parent.parent


class Strict(BaseModel):
    """A table of a data file: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Table = TypeVar("Table", bound=Strict)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value stands. `line` is 0 where no line can be told."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


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
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: is not UTF-8", fix="write it as UTF-8") from error
    except FileNotFoundError as error:
        known = sorted(p.stem for p in path.parent.glob("*.toml"))
        raise ConfigError(f"no file {path.name} in {path.parent}", fix=nearest(path.stem, known)) from error


def origins_of(path: Path) -> dict[Keys, Origin]:
    """Where each key of a file that `read_toml` has read stands."""
    return {keys: Origin(path.name, line) for keys, line in lines_of(path.read_text(encoding="utf-8")).items()}


def origin_of(keys: Keys, origins: Mapping[Keys, Origin], path: Path) -> Origin:
    """Where `keys` stand, or the innermost of what is around them; the file alone where nothing is."""
    inner = (keys[:end] for end in range(len(keys), 0, -1))
    return next((origins[each] for each in inner if each in origins), Origin(path.name))


def check(model: type[Table], data: dict[str, Any], path: Path, origins: Mapping[Keys, Origin] | None = None) -> Table:
    """Validates `data` as `model`; a ConfigError names file, line and key, and the nearest known key.

    `origins`: where each key comes from, when `data` is not of `path` alone.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # A key that is misspelt is unknown, and another is missing: the former is what was written.
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        keys = tuple(str(part) for part in first["loc"])
        where = origin_of(keys, origins_of(path) if origins is None else origins, path)
        if not keys:
            raise ConfigError(f"{path.name}: {first['msg']}", fix="see the other files in the same folder") from error
        if first["type"] == "extra_forbidden":
            fix = nearest(keys[-1], _known_keys(model, keys[:-1]))
            raise ConfigError(f"{where}: unknown key {'.'.join(keys)!r}", fix=fix) from error
        raise ConfigError(f"{where}: {'.'.join(keys)}: {first['msg']}", fix=_choice(first)) from error


def _choice(error: Any) -> str:
    """The nearest of the values that a key may have, where they are few."""
    choices = str(error.get("ctx", {}).get("expected", "")) if error["type"] == "literal_error" else ""
    known = [each.strip(" '") for each in choices.replace(" or ", ", ").split(",")]
    return nearest(str(error["input"]), known) if choices else ""


def _known_keys(model: type[BaseModel], path: Keys) -> list[str]:
    for part in path:
        inner = _table_in(_fields(model).get(part))
        if inner is not None:
            model = inner
        # The name of a table inside a map of tables is no field; the table is that of the map.
    return list(_fields(model))


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    """Types of a table's fields, by the names that files have for them."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _table_in(annotation: Any) -> type[BaseModel] | None:
    """The table that an annotation speaks of, also inside of `Table | None` and `dict[str, Table]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_table_in, get_args(annotation))), None)
