import os
import signal
import time

JAILED = os.getcwd().startswith("/box")
signal.alarm(20)
try:
    for number in range(10**6 if JAILED else 40):
        kind = number % 4
        if kind == 0:
            os.close(os.open(f"f{number}", os.O_CREAT | os.O_WRONLY))
        elif kind == 1:
            os.link(f"f{number - 1}", f"l{number}")
        elif kind == 2:
            os.symlink("nowhere", f"s{number}")
        else:
            os.mkdir(f"d{number}")
except OSError as error:
    print(error.strerror, flush=True)
time.sleep(30)
