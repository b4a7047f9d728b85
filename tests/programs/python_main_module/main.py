import os
import sys

import __main__

names = {"__name__", "__doc__", "__package__", "__loader__", "__spec__", "__annotations__", "__builtins__", "__file__", "__cached__", "os", "sys", "__main__"}
print(__name__, sys.modules["__main__"] is __main__, vars(__main__) is globals())
print(os.path.basename(__file__), os.path.isabs(__file__), __package__, __spec__, __doc__)
print(sorted(set(globals()) - names - {"names"}))
