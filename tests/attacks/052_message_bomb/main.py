import sys

for _ in range(150):
    sys.stderr.write("x" * (1 << 20))
