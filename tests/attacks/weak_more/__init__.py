"""Deliberately weak graders, each with the one hole that its attacks use. `pays(case)` says whether it is fooled.

They run programs on the bare host, bounded by `_bare`; the attacks do there what makes the grader pay and nothing else.
"""
