import multiprocessing


def work(connection):
    connection.send(["from the child", __name__])


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    worker = context.Process(target=work, args=(there,))
    worker.start()
    print(here.recv())
    worker.join()
    print(worker.exitcode)
