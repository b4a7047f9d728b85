import functools


@functools.total_ordering
class Card:
    def __init__(self, rank):
        self.rank = rank

    def __eq__(self, other):
        return self.rank == other.rank

    def __lt__(self, other):
        return self.rank > other.rank


print(*(card.rank for card in sorted(map(Card, map(int, input().split())))))
