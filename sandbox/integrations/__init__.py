"""Reward functions for the trainers that people already have. One file for each; none loads a framework that it is not
asked for, and all of them go through `core.py`. What a fault is to each trainer stands in docs/trainers.md: never a
zero."""
