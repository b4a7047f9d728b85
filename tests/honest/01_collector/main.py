import gc
gc.disable()
values = [[] for _ in range(10_000)]
assert len(gc.get_objects()) > 1
gc.enable()
gc.collect()
print(sum(map(int, input().split())))
