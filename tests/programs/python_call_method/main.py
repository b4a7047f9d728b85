from typing import List


class Solution:
    def __init__(self):
        self.calls = 0

    def two_sum(self, numbers: List[int], target: int) -> List[int]:
        self.calls += 1
        seen = {}
        for place, number in enumerate(numbers):
            if target - number in seen:
                return [seen[target - number], place]
            seen[number] = place
        return [self.calls]
