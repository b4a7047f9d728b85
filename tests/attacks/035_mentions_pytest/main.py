# pytest


def test_nothing():
    pass
