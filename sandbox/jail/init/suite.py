"""Runs a suite of tests, or says what it holds. A line of JSON for each result, written as soon as it is there.

    {"name": "test_shop.py::test_empty", "status": "PASSED", "detail": ""}      a test that has ended
    {"found": ["test_shop.py::test_empty", ...]}                                what there is, where that was asked
    {"end": "<the job's own word>", "operator": false, "overrides": false}      the whole suite has ended

In a jail of its own this is the judge's word. In the program's process (`in_process`) it is a claim like any other.
"""

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import driver, modules
from .remote import Remote

_DETAIL = 2000


def run(main: str, places: "dict[str, int]", seed: "int | None") -> None:
    """Does the job of `places["extra"]`, then ends the process."""
    with open(places["extra"], "rb") as file:
        job = json.loads(file.read())
    driver.seed(seed)

    def say(line: "dict[str, Any]") -> None:
        driver.write_line(places["claims"], json.dumps(line))

    def perform() -> None:
        folder = os.getcwd()
        sys.path.insert(0, folder)
        remote: Any = modules.Blank()
        if "channel" in places:
            remote = Remote(places["channel"])
            try:
                remote.open()
            except BaseException as error:  # every import of the program fails, and with it what needs it
                driver.show(error)
        if not job["in_process"]:
            modules.stand_in(remote, job["modules"], folder)
        runner = _RUNNERS[job["runner"]]

        def report(name: str, status: str, detail: str) -> None:
            # A candidate that is gone has passed nothing, whatever the test code makes of that.
            status = "FAILED" if remote.gone and status == "PASSED" else status
            say({"name": name, "status": status, "detail": detail[:_DETAIL]})

        if job["find"]:
            say({"found": runner(job["names"], None)})
        else:
            try:
                runner(job["names"], report)
            except BaseException as error:  # whatever the program raised into the runner, what is missing has failed
                driver.show(error)
        say({"end": job["end"], "operator": remote.operator_used, "overrides": remote.overrides_met})

    driver.finish(perform)


def _pytest(names: "list[str]", report: "Any") -> "list[str]":
    import pytest

    wanted = frozenset(names)
    found: list[str] = []
    states: dict[str, list[str]] = {}

    class Watch:
        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(self, items: "list[Any]") -> None:
            # What its own file skips, whatever the program does, is nobody's to pass.
            found.extend(item.nodeid for item in items if item.get_closest_marker("skip") is None)
            items[:] = [item for item in items if not wanted or item.nodeid in wanted]

        def pytest_runtest_logreport(self, report: "Any") -> None:
            state = states.setdefault(report.nodeid, ["", ""])
            if hasattr(report, "wasxfail"):
                state[:] = ["NOT_RUN", "expected to fail"]
            elif report.outcome == "failed":
                state[:] = ["FAILED", _last_line(str(report.longrepr))]
            elif report.outcome == "skipped" and state[0] != "FAILED":
                state[:] = ["NOT_RUN", "skipped"]
            elif report.when == "call" and not state[0]:
                state[:] = ["PASSED", ""]

        def pytest_runtest_logfinish(self, nodeid: str) -> None:
            status, detail = states.pop(nodeid, ["", ""])
            if hear is not None:
                hear(nodeid, status or "FAILED", detail)

    hear = report
    options = [
        "-p",
        "no:cacheprovider",
        "-p",
        "no:faulthandler",
        "-q",
        "--rootdir",
        ".",
        "--tb=short",
        "-o",
        "addopts=",
    ]
    code = pytest.main([*options, *(["--collect-only"] if report is None else [])], plugins=[Watch()])
    if report is None and int(code) not in (0, 5):
        raise RuntimeError(f"pytest ended with {int(code)} while it looked for tests")
    return found


def _unittest(names: "list[str]", report: "Any") -> "list[str]":
    import unittest

    cases = list(_flat(unittest.TestLoader().discover(".", pattern="test*.py", top_level_dir=".")))
    if report is None:
        return [case.id() for case in cases if not _is_skipped(case)]

    class Result(unittest.TestResult):
        def __init__(self) -> None:
            super().__init__()
            self.state = ["", ""]

        def startTest(self, test: "Any") -> None:
            self.state = ["PASSED", ""]

        def stopTest(self, test: "Any") -> None:
            report(test.id(), *self.state)

        def addFailure(self, test: "Any", error: "Any") -> None:
            self.state = ["FAILED", _last_line(f"{error[0].__name__}: {driver.message_of(error[1])}")]

        def addError(self, test: "Any", error: "Any") -> None:
            self.addFailure(test, error)

        def addSubTest(self, test: "Any", subtest: "Any", error: "Any") -> None:
            if error is not None:
                self.addFailure(test, error)

        def addSkip(self, test: "Any", reason: str) -> None:
            self.state = ["NOT_RUN", "skipped"]

        def addExpectedFailure(self, test: "Any", error: "Any") -> None:
            self.state = ["NOT_RUN", "expected to fail"]

        def addUnexpectedSuccess(self, test: "Any") -> None:
            self.state = ["NOT_RUN", "expected to fail, and did not"]

    wanted = frozenset(names)
    suite = unittest.TestSuite(case for case in cases if not wanted or case.id() in wanted)
    suite.run(Result())
    return []


def _flat(suite: "Any") -> "Any":
    for each in suite:
        if hasattr(each, "__iter__"):
            yield from _flat(each)
        else:
            yield each


def _is_skipped(case: "Any") -> bool:
    method = getattr(case, getattr(case, "_testMethodName", ""), None)
    return any(getattr(each, "__unittest_skip__", False) for each in (type(case), method))


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E ")]
    return (errors or lines or [""])[0 if errors else -1].strip()


_RUNNERS = {"pytest": _pytest, "unittest": _unittest}
