import signal


class Tick(Exception):
    pass


def on_alarm(number, frame):
    raise Tick


signal.signal(signal.SIGALRM, on_alarm)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    while True:
        pass
except Tick:
    print("tick")
