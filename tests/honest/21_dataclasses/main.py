from dataclasses import astuple, dataclass


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int


def newest(pairs):
    return list(astuple(max(Version(*pair) for pair in pairs)))
