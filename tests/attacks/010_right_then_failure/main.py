import sys

n, steps = int(input()), 0
while n != 1:
    n = 3 * n + 1 if n % 2 else n // 2
    steps += 1
print(steps, flush=True)
sys.exit("the journal is corrupt")
