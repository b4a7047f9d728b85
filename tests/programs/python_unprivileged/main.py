import os
import sys

print(os.getuid() != 0, os.geteuid() != 0, os.getgid() != 0, 0 in os.getgroups())
try:
    os.setuid(0)
    print("root")
except PermissionError:
    print("not root")
for place in ("/", "/etc", "/usr", "/proc/sys/kernel", "/root", "/home", "/var", os.path.dirname(sys.executable)):
    try:
        with open(place + "/planted", "w"):
            print("written", place)
    except OSError:
        pass
print(os.access("/etc/shadow", os.R_OK))
