import threading

event = threading.Event()
while True:
    threading.Thread(target=event.wait, daemon=True).start()
