"""Admission: whether a problem may be trained on, found out by running programs against it whose worth is known.

    proposal.py   a problem that asks to be admitted: its job, with the program that is right
    expected.py   the values that the tests themselves expect, most frequent first
    literals.py   such a value as Python source
    weak.py       programs that must fail, by language and kind of test: they print nothing, one value, or their input
    reorder.py    the same tests, blind to order: whether an answer failed by its order alone
    vectors.py    what one program's run came to, test by test
    findings.py   vectors in, reasons against the problem out; pure
    examine.py    runs all of it for one problem
    written.py    the report as plain data

`sandbox admit` is the command line to it.
"""

from sandbox.admission.examine import Options, Report, examine
from sandbox.admission.proposal import Proposal
from sandbox.admission.written import report_data

__all__ = ["Options", "Proposal", "Report", "examine", "report_data"]
