import threading


def burn():
    while True:
        pass


for _ in range(4):
    threading.Thread(target=burn).start()
