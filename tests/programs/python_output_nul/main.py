import sys

sys.stdout.write("5\0\n")
