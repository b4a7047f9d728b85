import sys

sys.stdout.write("118\r111\x1b[31m\x1b[0m\n")
