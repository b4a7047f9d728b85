"""Reward schemes."""
