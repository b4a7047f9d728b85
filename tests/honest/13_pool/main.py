from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

if __name__ == "__main__":
    numbers = list(map(int, input().split()))
    with get_context("fork").Pool(2) as pool:
        squares = pool.map(abs, numbers)
    with ThreadPoolExecutor(2) as threads:
        print(sum(threads.map(int, squares)))
