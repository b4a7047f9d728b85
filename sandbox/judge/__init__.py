"""From what a run left behind to a judged test: one file for each kind, comparators and values on plain data."""
