import os
import sys
import sysconfig

paths = sysconfig.get_paths()
library = [os.path.realpath(paths[key]) + os.sep for key in ("stdlib", "platstdlib")]
for name, module in sorted(sys.modules.items()):
    file = getattr(module, "__file__", None)
    if file and name not in ("__main__", "__mp_main__") and not any(os.path.realpath(file).startswith(place) for place in library):
        print("foreign", name)
    if any(word in name for word in ("sandbox", "grpc", "nsjail", "judge", "google")):
        print("suspicious", name)
print("ok")
