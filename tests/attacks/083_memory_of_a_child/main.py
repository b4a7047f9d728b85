import os

SIZE = 160 << 20
number = int(input())
read, write = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        block = bytearray(SIZE)
        for start in range(0, SIZE, 4096):
            block[start] = 1
        os.write(write, str(sum(block[::4096]) * number).encode())
    os._exit(0)
os.wait()
os.close(write)
print(os.read(read, 100).decode())
