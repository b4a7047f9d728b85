"""The statements of test code, one after the other, all or nothing."""

from __future__ import annotations

import ast

from sandbox.judge.lifting.bounds import Work
from sandbox.judge.lifting.folding import FOLDED_NAMES, Folder
from sandbox.judge.lifting.imports import take_import, take_setup
from sandbox.judge.lifting.model import Lifted, LiftedAssert, NotLiftable, Vacuous
from sandbox.judge.lifting.names import asserts_in, sole_function
from sandbox.judge.lifting.parsing import parse
from sandbox.judge.lifting.reading import VIEW_NAMES, AssertReader
from sandbox.judge.lifting.refusal import Refusal
from sandbox.judge.lifting.scope import Scope


def lift(code: str, entry_point: str, setup: str = "") -> Lifted | NotLiftable:
    """Takes test code apart into calls of `entry_point` and what each must return.

    `setup` runs before the code: names that it defines are not builtins here, and `import math` in it counts. When
    `entry_point` is empty, the one unknown function that the asserts call is taken for it.
    """
    try:
        tree = parse(code)
    except Refusal as refusal:
        return NotLiftable(refusal.reason, max(refusal.line, 1), 0)
    try:
        return _Lifter(code, entry_point, setup).lift(tree)
    except Refusal as refusal:
        return NotLiftable(refusal.reason, max(refusal.line, 1), asserts_in(tree))
    except RecursionError:
        return NotLiftable("the test code is nested too deeply", 1, asserts_in(tree))


class _Lifter:
    """Walks through one test code and collects its asserts, each with its place in the source."""

    def __init__(self, code: str, entry_point: str, setup: str) -> None:
        self._work = Work()
        self._scope = Scope({*FOLDED_NAMES, *VIEW_NAMES, "print", "check"})
        self._asserts: dict[tuple[int, int], LiftedAssert | Vacuous] = {}
        self._check: ast.FunctionDef | None = None
        self._check_called = False
        take_setup(setup, self._scope)
        self._function = entry_point or sole_function(code, setup)
        if not self._function:
            raise Refusal("no entry point is named, and the asserts do not call just one unknown function")
        if self._scope.knows(self._function) and not self._scope.is_builtin(self._function):
            raise Refusal(f"the setup defines {self._function!r}, too")
        self._scope.bind_candidate(self._function)

    def lift(self, tree: ast.Module) -> Lifted:
        """The asserts of the whole code. `check` comes last, since it is called when the module is complete."""
        block = _Block(self, frozenset({self._function}), self._scope)
        for statement in tree.body:
            if not self._is_about_check(statement):
                self._refuse_after_check(statement)
                block.take(statement)
        if self._check is not None:
            self._lift_check(self._check)
        if not self._asserts:
            raise Refusal("the test code holds no assert that is reached")
        return Lifted(tuple(self._asserts[place] for place in sorted(self._asserts)))

    def reader(self, names: frozenset[str], scope: Scope) -> AssertReader:
        """A reader of the asserts of one block."""
        return AssertReader(self._function, names, scope, self._work)

    def folder(self, scope: Scope) -> Folder:
        """A folder of the literals of one block."""
        return Folder(scope, self._work)

    def add(self, statement: ast.Assert, found: LiftedAssert | Vacuous) -> None:
        """Keeps an assert."""
        self._asserts[statement.lineno, statement.col_offset] = found

    def _is_about_check(self, statement: ast.stmt) -> bool:
        """Whether this is `def check(candidate)` or `check(entry_point)`; if so, it is noted."""
        match statement:
            case ast.FunctionDef(name="check") if self._check is None:
                self._check = statement
                return True
            case ast.Expr(value=ast.Call(func=ast.Name(id="check"), args=[ast.Name(id=name)], keywords=[])) if (
                name == self._function and self._check is not None and not self._check_called
            ):
                self._check_called = True
                return True
        return False

    def _refuse_after_check(self, statement: ast.stmt) -> None:
        if self._check_called and isinstance(statement, ast.Assert | ast.Assign):
            raise Refusal("a statement after the call of check", statement)

    def _lift_check(self, check: ast.FunctionDef) -> None:
        parameter = _sole_parameter(check, self._scope)
        scope = self._scope.inner(parameter)
        block = _Block(self, frozenset({parameter, self._function}), scope)
        *body, last = check.body
        for statement in body:
            block.take(statement)
        if not (isinstance(last, ast.Return) and (last.value is None or isinstance(last.value, ast.Constant))):
            block.take(last)


class _Block:
    """The statements of the module, or of `check`."""

    def __init__(self, lifter: _Lifter, names: frozenset[str], scope: Scope) -> None:
        self._lifter = lifter
        self._scope = scope
        self._reader = lifter.reader(names, scope)
        self._folder = lifter.folder(scope)

    def take(self, statement: ast.stmt) -> None:
        """Lifts an assert, remembers a name, passes over what has no effect, and refuses everything else."""
        try:
            self._take(statement)
        except Refusal as refusal:
            refusal.line = refusal.line or statement.lineno
            raise

    def _take(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assert():
                self._lifter.add(statement, self._reader.read(statement))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._scope.bind(name, self._folder.fold(value))
            case ast.Import() | ast.ImportFrom():
                take_import(statement, self._scope)
            case ast.Expr(value=value) if self._has_no_effect(value):
                pass
            case ast.Pass():
                pass
            case _:
                raise Refusal(f"a statement other than an assert ({type(statement).__name__})", statement)

    def _has_no_effect(self, value: ast.expr) -> bool:
        """A docstring, a name alone, or a `print` of literals."""
        match value:
            case ast.Constant():
                return True
            case ast.Name(id=name):
                return self._scope.knows(name)
            case ast.Call(func=ast.Name(id="print"), args=args, keywords=[]) if self._scope.is_builtin("print"):
                self._folder.items(args)
                return True
        return False


def _sole_parameter(check: ast.FunctionDef, scope: Scope) -> str:
    """The name of the one parameter of `check`, which stands for the candidate."""
    match check.args:
        case ast.arguments(posonlyargs=[], args=[parameter], vararg=None, kwonlyargs=[], kwarg=None, defaults=[]):
            annotations = [note for note in (parameter.annotation, check.returns) if note is not None]
            if not check.decorator_list and all(_is_harmless(note, scope) for note in annotations):
                return parameter.arg
    raise Refusal("check is something other than a plain function of one parameter", check)


def _is_harmless(annotation: ast.expr, scope: Scope) -> bool:
    return isinstance(annotation, ast.Constant) or (isinstance(annotation, ast.Name) and scope.knows(annotation.id))
