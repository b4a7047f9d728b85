import os

for number in range(400):
    name = bytes([0xFF, 0x80, 0x0A, 0x1B]) + b"%d" % number
    os.mkdir(name, 0)
    with open(b"\xfe-%d" % number, "w"):
        pass
    os.chmod(b"\xfe-%d" % number, 0)
