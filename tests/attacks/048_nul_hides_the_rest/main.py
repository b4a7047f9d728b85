import sys

sys.stdout.write("111\0" + "".join(f" {n}" for n in range(500)))
