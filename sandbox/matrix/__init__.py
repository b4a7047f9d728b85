"""Programs times tests: the rpc `Matrix`, over the same pipeline that judges every job.

    asked.py   from a request to jobs, one for each distinct program; what is wrong with it, by field; pure
    cells.py   test results and faults as cells; pure
    fill.py    runs the jobs, a few at a time; a test that ends in a fault does not take the others with it

What to make of a matrix is `sandbox/selection/`.
"""

from sandbox.matrix.fill import fill

__all__ = ["fill"]
