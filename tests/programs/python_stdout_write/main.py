import os
import sys

sys.stdout.write("text\n")
sys.stdout.flush()
sys.stdout.buffer.write(b"bytes\n")
sys.stdout.buffer.flush()
os.write(1, b"raw\n")
print(sys.stdout.write("12345\n"))
