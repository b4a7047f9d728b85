import sys
from bisect import bisect_right


def main() -> None:
    read = sys.stdin.readline
    _, bound = map(int, read().split())
    values = sorted(map(int, read().split()))
    count = 0
    for place, value in enumerate(values):
        count += max(0, bisect_right(values, bound - value) - place - 1)
    print(count)


if __name__ == "__main__":
    main()
