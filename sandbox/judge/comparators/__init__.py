"""Text comparators: does what a program printed match what was expected?

    compare = text_comparator("floats", {"abs": 1e-9})
    compare(b"0.5000000001\\n", b"0.5\\n").score        # 1.0

A comparator is a pure function of two byte strings. `text_comparator_names` lists them all; the rules of each stand in
its docstring. An empty name means `lines`: equal lines, where white space at the end of a line and blank lines at the
end do not count.
"""

from .base import Comparator, ComparatorError, Comparison
from .registry import text_comparator, text_comparator_names
from .wrappers import AnyOf

__all__ = ["AnyOf", "Comparator", "ComparatorError", "Comparison", "text_comparator", "text_comparator_names"]
