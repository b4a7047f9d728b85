from concurrent.futures import ProcessPoolExecutor


def square(n):
    return n * n


if __name__ == "__main__":
    with ProcessPoolExecutor(max_workers=3) as pool:
        print(sum(pool.map(square, range(100), chunksize=10)))
