import mmap

SIZE = 160 << 20
number = int(input())
with mmap.mmap(-1, SIZE) as block:
    for start in range(0, SIZE, 4096):
        block[start] = 1
    pages = sum(block[start] for start in range(0, SIZE, 4096))
print(pages * number)
