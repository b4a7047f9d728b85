import os

os.write(1, b"111\n")
os._exit(0)
