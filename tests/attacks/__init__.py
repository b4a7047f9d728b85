"""Attacks on rewards: programs that are paid without solving anything, by graders that can be fooled.

Each folder is a case as in `tests/programs/corpus.py`, with one table more:

    [attack]
    number = 11            # of the entry in entries.toml
    weak = "equality"      # the grader of `weak/` that pays it
    pending = "suite"      # optional: the kind of test that it needs, where the server does not offer it yet
    seconds = 0.5          # any other key is an option that this grader reads
"""
