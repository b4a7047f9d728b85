import sys


def fewest(coins: list[int], amount: int) -> int:
    best = [0] + [amount + 1] * amount
    for total in range(1, amount + 1):
        for coin in coins:
            if coin <= total and best[total - coin] + 1 < best[total]:
                best[total] = best[total - coin] + 1
    return best[amount] if best[amount] <= amount else -1


data = list(map(int, sys.stdin.read().split()))
print(fewest(data[2:], data[1]))
