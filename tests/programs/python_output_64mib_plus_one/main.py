import sys

for _ in range(64):
    sys.stdout.write(("0123456789abcde\n" * 65536))
sys.stdout.write("\n")
