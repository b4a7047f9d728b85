import random

fresh = random.getrandbits(64)
fixed = {random.Random(seed).getrandbits(64) for seed in range(1000)}
print(fresh not in fixed, len({random.getrandbits(64) for _ in range(100)}))
