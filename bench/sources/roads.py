import heapq
import sys
from collections import defaultdict

numbers = iter(map(int, sys.stdin.buffer.read().split()))
towns, roads = next(numbers), next(numbers)
beside = defaultdict(list)
for _ in range(roads):
    one, other, length = next(numbers), next(numbers), next(numbers)
    beside[one].append((other, length))
    beside[other].append((one, length))
far = {1: 0}
heap = [(0, 1)]
while heap:
    distance, town = heapq.heappop(heap)
    if distance > far[town]:
        continue
    for other, length in beside[town]:
        if distance + length < far.get(other, 1 << 60):
            far[other] = distance + length
            heapq.heappush(heap, (far[other], other))
print(*(far.get(town, -1) for town in range(1, towns + 1)))
