import queue
import threading

tasks = queue.Queue()
lock = threading.Lock()
total = 0


def work():
    global total
    while (item := tasks.get()) is not None:
        with lock:
            total += item


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for number in range(1001):
    tasks.put(number)
for _ in threads:
    tasks.put(None)
for thread in threads:
    thread.join()
print(total, threading.active_count(), threading.current_thread() is threading.main_thread())
