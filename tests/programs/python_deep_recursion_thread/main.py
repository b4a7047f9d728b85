import sys
import threading


def dfs(node, children):
    size = 1
    for child in children[node]:
        size += dfs(child, children)
    return size


def main():
    n = int(input())
    children = [[i + 1] for i in range(n - 1)] + [[]]
    print(dfs(0, children))


sys.setrecursionlimit(10**7)
threading.stack_size(512 * 1024 * 1024)
thread = threading.Thread(target=main)
thread.start()
thread.join()
