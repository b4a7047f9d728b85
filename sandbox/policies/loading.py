"""From files to policies: each laid over the one that it extends, every value with the place where it was written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from sandbox.datafiles import Origin, check, folder, origin_of, origins_of, read_toml
from sandbox.errors import ConfigError, nearest
from sandbox.policies.policy import Policy, policy_hash
from sandbox.policies.tables import PolicyTable, SeccompTable
from sandbox.toml_lines import Keys

_SECCOMP = "seccomp.toml"


@dataclass
class _Draft:
    """The tables of a file over those of its base, and where each key was written last."""

    data: dict[str, Any] = field(default_factory=dict)
    origins: dict[Keys, Origin] = field(default_factory=dict)


def load_policies(path: Path | None = None) -> dict[str, Policy]:
    """Every policy of the folder (default: the shipped ones), by name. A wrong file is a ConfigError."""
    source = path or folder("policies")
    seccomp = _seccomp(source if (source / _SECCOMP).exists() else folder("policies"))
    files = [file for file in source.glob("*.toml") if file.name != _SECCOMP]
    found = [_load(file, seccomp) for file in sorted(files, key=lambda each: ("extends" in read_toml(each), each))]
    return {policy.name: policy for policy in found}


def _load(file: Path, seccomp: SeccompTable) -> Policy:
    draft = _with_base(file)
    table = check(PolicyTable, draft.data, file, draft.origins)

    def where(*keys: str) -> Origin:
        return origin_of(keys, draft.origins, file)

    if table.name != file.stem:
        where_it_is = Origin(file.name, where("name").line if where("name").file == file.name else 0)
        raise ConfigError(f"{where_it_is}: name is {table.name!r}", fix=f"call it {file.stem!r}, as the file")
    for number, group in enumerate(table.seccomp.groups):
        if group not in seccomp.groups:
            origin = where("seccomp", "groups", str(number))
            raise ConfigError(f"{origin}: unknown seccomp group {group!r}", fix=nearest(group, seccomp.groups))
    return Policy(
        table=table,
        limits=table.limits.limits(),
        build_limits=table.build_limits.limits(),
        judge_limits=table.judge_limits.limits(),
        seccomp=seccomp,
        hash=policy_hash(table, seccomp, _egress(file.parent, table.actions.egress, where("actions", "egress"))),
        origins=draft.origins,
    )


def _egress(source: Path, name: str, origin: Origin) -> dict[str, Any] | None:
    """The rules that a policy names, unchecked; they are checked when an action first needs them."""
    if not name:
        return None
    known = sorted(file.stem for file in (source / "egress").glob("*.toml"))
    if name not in known:
        fix = nearest(name, known) if known else f"write egress/{name}.toml"
        raise ConfigError(f"{origin}: actions.egress: no rules are called {name!r}", fix=fix)
    return read_toml(source / "egress" / f"{name}.toml")


def _with_base(file: Path, above: tuple[str, ...] = ()) -> _Draft:
    """The file's tables laid over those of the policy that it extends. `above`: those that extend this one."""
    data, origins = read_toml(file), origins_of(file)
    base = data.pop("extends", None)
    if base is None:
        return _Draft(data, origins)
    where = origins[("extends",)]
    road = (*above, file.stem)
    if base in road:
        raise ConfigError(f"{where}: extends goes in a circle: {' -> '.join((*road, base))}", fix="end it somewhere")
    known = sorted({each.stem for each in file.parent.glob("*.toml")} - {Path(_SECCOMP).stem, file.stem})
    if base not in known:
        fix = nearest(str(base), known) if known else "leave extends out, and write every key"
        raise ConfigError(f"{where}: extends {base!r}, and there is no {base}.toml", fix=fix)
    draft = _with_base(file.with_name(f"{base}.toml"), road)
    _lay(draft, data, origins, ())
    return draft


def _lay(draft: _Draft, data: dict[str, Any], origins: dict[Keys, Origin], path: Keys) -> None:
    """Lays `data`, which stands at `path`, over what is there: tables key by key, everything else as a whole."""
    place = draft.data
    for key in path:
        place = place[key]
    for key, value in data.items():
        keys = (*path, key)
        if isinstance(value, dict) and isinstance(place.get(key), dict):
            _lay(draft, value, origins, keys)
            continue
        place[key] = value
        for each in [each for each in draft.origins if each[: len(keys)] == keys]:
            del draft.origins[each]
        draft.origins.update({each: where for each, where in origins.items() if each[: len(keys)] == keys})


@lru_cache(maxsize=8)
def _seccomp(source: Path) -> SeccompTable:
    file = source / _SECCOMP
    return check(SeccompTable, read_toml(file), file)
