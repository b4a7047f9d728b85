"""The one small problem on which all graders are tried. Each grader's own interpreter imports it: it needs nothing."""

ENTRY_POINT = "digit_sum"
CASES = [(0, 0), (7, 7), (45, 9), (999, 27), (-120, 3)]
CHECK = "def check(candidate):\n" + "".join(f"    assert candidate({n}) == {total}\n" for n, total in CASES)
