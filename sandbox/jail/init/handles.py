"""What the test's side holds in place of the candidate's objects.

Attribute access and calls that the test code writes are done where the object is. What Python does by itself (`==`,
ordering, arithmetic, `bool`, `len`, `in`, hashing, iteration, conversion) is decided here: a stand-in is unequal to
every plain value, and has none of the others. An expected value so never reaches an operator of the candidate's.

Between two stand-ins operators are the program's own affair, if it defines them; what they say has to be a plain value,
and that they were asked is reported.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# Told of an object when a test asks for them by name; frameworks ask for many others, which no object here has.
_TOLD = frozenset({"__name__", "__qualname__", "__doc__", "__dict__", "__module__"})
_OF_FRAMEWORKS = ("__", "_pytest", "pytest")


class Handle:
    """An object that stays in the candidate's process. Its own names are long: all others are the object's."""

    __slots__ = ("_handle_remote", "_handle_told", "_handle_where")

    def __init__(self, remote: "Any", where: "int | str", told: "dict[str, Any]") -> None:
        object.__setattr__(self, "_handle_remote", remote)
        object.__setattr__(self, "_handle_where", where)
        object.__setattr__(self, "_handle_told", told)

    def __getattr__(self, name: str) -> "Any":
        if name.startswith(_OF_FRAMEWORKS) and name not in _TOLD:
            raise AttributeError(name)
        return self._handle_remote.ask("getattr", self, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._handle_remote.ask("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._handle_remote.ask("delattr", self, name)

    def __call__(self, *args: object, **kwargs: object) -> "Any":
        """What the object returns over there."""
        return self._handle_remote.ask("call", self, "", *args, **kwargs)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Handle) or "__eq__" not in operators(self) | operators(other):
            return False
        return bool(self._handle_remote.operator("eq", self, other))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return True

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, Handle) and class_of(self) in bases_of(value)

    def __subclasscheck__(self, kind: object) -> bool:
        return isinstance(kind, Handle) and class_of(self) in described(kind).get("bases", ())

    def __reduce_ex__(self, protocol: object) -> "Any":
        raise TypeError("an object of the program cannot be copied here")

    def __repr__(self) -> str:
        return "<an object of the program>"


class IteratorHandle(Handle):
    """A generator, or another iterator that is Python's own."""

    __slots__ = ()

    def __iter__(self) -> "Iterator[Any]":
        return self

    def __next__(self) -> "Any":
        return self._handle_remote.ask("next", self, "")


class IterableHandle(Handle):
    """A view of a dictionary, or a deque: each iteration starts anew."""

    __slots__ = ()

    def __iter__(self) -> "Iterator[Any]":
        return self._handle_remote.ask("iter", self, "")


KINDS = {"iterator": IteratorHandle, "iterable": IterableHandle}


def described(handle: Handle) -> "dict[str, Any]":
    """What the other side tells of an object; asked for where only its name is known."""
    if not handle._handle_told:
        told = handle._handle_remote.ask("describe", handle, "")
        object.__setattr__(handle, "_handle_told", told._handle_told if isinstance(told, Handle) else {"number": -1})
    return handle._handle_told


def class_of(handle: Handle) -> int:
    """The number of a class."""
    return int(described(handle).get("number", -1))


def bases_of(handle: Handle) -> "list[int]":
    """The numbers of the classes that an object is an instance of."""
    return list(described(handle).get("class", {}).get("bases", ()))


def operators(handle: Handle) -> "frozenset[str]":
    """The operators that the class of an object defines itself."""
    return frozenset(described(handle).get("class", {}).get("operators", ()))


def _ordering(name: str) -> "Any":
    def compare(self: Handle, other: object) -> object:
        return self._handle_remote.operator(name, self, other) if isinstance(other, Handle) else NotImplemented

    return compare


for _name in ("lt", "le", "gt", "ge", "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift"):
    setattr(Handle, f"__{_name}__", _ordering(_name))
for _name in ("rshift", "and", "or", "xor"):
    setattr(Handle, f"__{_name}__", _ordering(_name))
