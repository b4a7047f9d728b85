import threading

first, second = threading.Lock(), threading.Lock()
ready = threading.Barrier(2)


def work(one, other):
    with one:
        ready.wait()
        with other:
            print("42")


threads = [threading.Thread(target=work, args=pair) for pair in ((first, second), (second, first))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
