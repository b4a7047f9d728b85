import sys
import threading


class Deep:
    def __repr__(self):
        return repr(self)


sys.setrecursionlimit(10**9)
threading.stack_size(1 << 16)
thread = threading.Thread(target=repr, args=(Deep(),))
thread.start()
thread.join()
