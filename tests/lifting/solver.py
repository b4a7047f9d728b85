"""Runs solutions as plain programs, in an interpreter of its own: `solver.py TASKS ANSWERS`, both pickles.

A task is (source, test, setup, function, [(args, kwargs), ...]). Its answer is a pair: one (returned, value) for each
of the calls, with (False, text) for an error or for a value that cannot be pickled, and whether each assert of the test
held when Python ran it. For a source that does not compile it is None.
"""

import contextlib
import copy
import io
import pickle
import sys
import warnings
from pathlib import Path

from reference import run


def answer(source, test, setup, function, calls):
    try:
        called = _load(source)[function]
    except SyntaxError:
        return None
    values = [_returned(called, args, kwargs) for args, kwargs in calls]
    return values, [noted.held for noted in run(test, function, _load(source)[function], setup)]


def _load(source):
    space = {"__name__": "solution"}
    exec(source, space)
    return space


def _returned(function, args, kwargs):
    try:
        value = function(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        pickle.dumps(value)
    except Exception as error:  # noqa: BLE001 - whatever a solution raises
        return False, repr(error)
    return True, value


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    tasks, target = map(Path, sys.argv[1:])
    with contextlib.redirect_stdout(io.StringIO()):
        answers = [answer(*task) for task in pickle.loads(tasks.read_bytes())]
    target.write_bytes(pickle.dumps(answers))
