import os

while True:
    try:
        os.write(1, b"y" * 1000)
    except OSError:
        pass
