"""Lifting of assert-style tests."""
