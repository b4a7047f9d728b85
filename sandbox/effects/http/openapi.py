"""What an OpenAPI description tells of taking back: the DELETE beside a POST."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sandbox.errors import ConfigError

_PARAMETER = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class OpenApi:
    """The paths that have POST, and for each the name of the parameter by which a DELETE below it takes one away."""

    deletable: tuple[tuple[re.Pattern[str], str], ...]

    def identifier(self, path: str) -> str | None:
        """The name of what identifies a resource that a POST to `path` makes, where a DELETE of it is described."""
        return next((name for pattern, name in self.deletable if pattern.fullmatch(path)), None)


def load_openapi(path: Path, where: str) -> OpenApi:
    """Reads JSON or YAML. Raises ConfigError."""
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ConfigError(
            f"{where}: openapi {path.name!r} cannot be read", why=str(error).partition("\n")[0]
        ) from error
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict) or not all(isinstance(each, dict) for each in paths.values()):
        raise ConfigError(f"{where}: {path.name} is no OpenAPI description", why="it has no paths")
    base = _base(document)
    found = []
    for template, operations in paths.items():
        name = _sibling(str(template), paths) if "post" in operations else None
        if name is not None:
            found.append((_pattern(base + str(template)), name))
    return OpenApi(tuple(found))


def _base(document: dict[str, object]) -> str:
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    return urlsplit(str(first.get("url", ""))).path.rstrip("/") if isinstance(first, dict) else ""


def _sibling(template: str, paths: dict[str, dict[str, object]]) -> str | None:
    for other, operations in paths.items():
        rest = str(other).removeprefix(template.rstrip("/") + "/")
        parameter = _PARAMETER.fullmatch(rest)
        if parameter and "delete" in operations:
            return parameter[1]
    return None


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PARAMETER.split(template.rstrip("/"))
    return re.compile("".join("[^/]+" if number % 2 else re.escape(part) for number, part in enumerate(parts)) + "/?")
