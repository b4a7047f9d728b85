"""The test's side of a split test: runs trusted test code, in which the candidate is a proxy.

Every assert is counted on its own and a failed one does not end the test, so that the share that holds is known. What
goes to the candidate is the arguments of calls and nothing else.
"""

import ast
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import driver
from .peer import Gone
from .remote import CandidateRaised, Remote

_CHECKS = "__sandbox_checks__"


class Checks:
    """How often each assert held and failed, by its number in the source."""

    def __init__(self, total: int) -> None:
        self.held = [0] * total
        self.failed = [0] * total
        self.first = ""
        self.raised = False

    def record(self, number: int, value: object) -> None:
        """Counts one assert whose condition had a value."""
        if value:
            self.held[number] += 1
        else:
            self.fail(number, None)

    def fail(self, number: int, error: "Exception | None") -> None:
        """Counts one assert that failed, or whose condition raised."""
        self.failed[number] += 1
        if not self.first:
            why = "" if error is None else f": {type(error).__name__}: {driver.message_of(error)[:200]}"
            self.first = f"assert {number + 1}{why or ' does not hold'}"
            self.raised = error is not None and isinstance(error.__cause__, CandidateRaised)


class _Counting(ast.NodeTransformer):
    """Turns each assert into a record of whether it holds."""

    def __init__(self) -> None:
        self.total = 0

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        number, self.total = self.total, self.total + 1
        record: Any = ast.parse(
            f"try:\n {_CHECKS}.record({number}, 0)\nexcept Exception as __sandbox_error__:\n"
            f" {_CHECKS}.fail({number}, __sandbox_error__)"
        ).body[0]
        record.body[0].value.args[1] = node.test
        return ast.copy_location(record, node)


def run(main: str, places: "dict[str, int]", seed: "int | None") -> None:
    """Runs the test code of the job and claims what held, then ends the process."""
    with open(places["extra"], "rb") as file:
        job = json.loads(file.read())

    def perform() -> None:
        remote = Remote(places["channel"])
        driver.write_line(places["claims"], json.dumps(report(remote, job)))

    driver.finish(perform)


def report(remote: Remote, job: "dict[str, Any]") -> "dict[str, object]":
    """Runs the test code against the candidate, and says what held."""
    counting = _Counting()
    tree = ast.fix_missing_locations(counting.visit(ast.parse(job["code"])))
    checks = Checks(counting.total)
    ended = "done"
    try:
        remote.open()
        _test(tree, checks, job, remote)
        if remote.gone:
            ended = "gone"
    except Gone:
        ended = "gone"
    except BaseException as error:
        driver.show(error)
        ended = f"{type(error).__name__}: {driver.message_of(error)}"
    return {
        "held": checks.held,
        "failed": checks.failed,
        "first": checks.first,
        "raised": checks.raised,
        "ended": ended,
        "operator": remote.operator_used,
        "overrides": remote.overrides_met,
    }


def _test(tree: ast.Module, checks: Checks, job: "dict[str, Any]", remote: Remote) -> None:
    scope = {"__name__": "test", _CHECKS: checks}
    for name in job["names"]:
        scope[name] = remote.named(name)
    candidate = remote.named(job["entry_point"])
    scope[job["entry_point"].partition(".")[0]] = candidate
    exec(compile(job["setup"], "setup.py", "exec", dont_inherit=True), scope)
    exec(compile(tree, "test.py", "exec", dont_inherit=True), scope)
    check = scope.get("check")
    if callable(check):
        check(candidate)
