import threading

total, lock = 0, threading.Lock()


def add(n):
    global total
    with lock:
        total += n


threads = [threading.Thread(target=add, args=(int(n),)) for n in input().split()]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(total)
