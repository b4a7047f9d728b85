"""The trusted init of a cell: what runs inside the jail, before and beside the candidates.

Standard library only; it runs on the runtime's own interpreter, mounted read-only. `boot.py` is the entry.
"""
