"""Test programs as data: one folder per program, with the verdict that it must get. `corpus.py` reads them."""
