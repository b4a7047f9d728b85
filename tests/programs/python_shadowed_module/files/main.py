import heapq

print(heapq.WHO, hasattr(heapq, "heappush"))
