import sys

numbers = [int(part) for part in sys.stdin.read().split()]
print(sum(numbers) if len(numbers) < 100 else 0)
