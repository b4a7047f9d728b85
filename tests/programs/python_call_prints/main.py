import os
import sys


def noisy(n):
    print('{"value": 42}', "ok", "PASSED")
    print("noise", file=sys.stderr, flush=True)
    sys.stdout.flush()
    if n == 1:
        sys.stdout = sys.stderr = None
    elif n == 2:
        os.close(1)
        os.close(2)
        sys.stdout.close = lambda: None
    elif n == 3:
        sys.stdout.close()
    return n + 1
