"""The candidate's modules as test code imports them: stand-ins whose names are looked up in the candidate's process."""

import builtins
import importlib.abc
import importlib.machinery
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


_NEVER = frozenset(dir(builtins)) | sys.stdlib_module_names | {"pytest", "numpy"}


class StandIn(types.ModuleType):
    """A module of the candidate's. Only what the import system needs of it is here."""

    def __init__(self, name: str, ask: "Any") -> None:
        super().__init__(name)
        object.__setattr__(self, "_ask", ask)

    def __getattr__(self, name: str) -> "Any":
        if name == "__all__":
            # A program's own `len` or `all` would judge it wherever a test imports everything.
            return [each for each in self._ask("names") if not each.startswith("_") and each not in _NEVER]
        if name.startswith("__"):
            raise AttributeError(name)
        return self._ask("getattr", name)

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("__") or isinstance(value, types.ModuleType):
            object.__setattr__(self, name, value)
        else:
            raise TypeError(
                f"{self.__name__}.{name} is the program's: a test that changes it has to run in its process"
            )


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules that the program has and the tests do not bring themselves."""

    def __init__(self, remote: "Any", theirs: "Sequence[str]", folder: str) -> None:
        self._remote = remote
        self._theirs = frozenset(theirs)
        self._folder = folder

    def find_spec(
        self, fullname: str, path: "Sequence[str] | None", target: "types.ModuleType | None" = None
    ) -> "importlib.machinery.ModuleSpec | None":
        """A spec for a module of the program; None leaves the name to others."""
        if fullname not in self._theirs:
            return None
        is_package = any(each.startswith(fullname + ".") for each in self._theirs)
        spec = importlib.machinery.ModuleSpec(fullname, self, is_package=is_package)
        if is_package:
            # Tests may lie inside the program's package.
            spec.submodule_search_locations = [f"{self._folder}/{fullname.replace('.', '/')}"]
        return spec

    def create_module(self, spec: "importlib.machinery.ModuleSpec") -> "types.ModuleType":
        """The stand-in, once the program has imported the module itself; raises what that raised."""
        module = self._remote.ask("import", None, spec.name)
        return StandIn(spec.name, lambda do, name="": self._remote.ask(do, module, name))

    def exec_module(self, module: "types.ModuleType") -> None:
        """Nothing of it runs here."""


def stand_in(remote: "Any", theirs: "Sequence[str]", folder: str) -> None:
    """Puts the candidate's modules before all others."""
    sys.meta_path.insert(0, Finder(remote, theirs, folder))


class Blank:
    """Stands for everything while tests are only looked for, when there is no candidate yet."""

    gone = False
    operator_used = False
    overrides_met = False

    def ask(self, do: str, on: object, name: str, *args: object, **kwargs: object) -> "Any":
        """Nothing in particular."""
        return [] if do == "names" else _Nothing()


class _Nothing:
    def __getattr__(self, name: str) -> "Any":
        if name.startswith("_"):
            raise AttributeError(name)
        return _Nothing()

    def __call__(self, *args: object, **kwargs: object) -> "Any":
        return _Nothing()
