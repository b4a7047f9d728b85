import inspect
import sys
import traceback


def inside():
    return len(inspect.stack())


print(sys._getframe().f_back, len(traceback.extract_stack()), inside())
traceback.print_stack()
