import multiprocessing


def work(queue, total):
    while (item := queue.get()) is not None:
        with total.get_lock():
            total.value += item


if __name__ == "__main__":
    queue = multiprocessing.Queue()
    total = multiprocessing.Value("q", 0)
    workers = [multiprocessing.Process(target=work, args=(queue, total)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for number in range(101):
        queue.put(number)
    for _ in workers:
        queue.put(None)
    for worker in workers:
        worker.join()
    with multiprocessing.Pool(2) as pool:
        print(total.value, pool.map(abs, [-1, 2, -3]), [worker.exitcode for worker in workers])
