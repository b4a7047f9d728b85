import mmap

view = mmap.mmap(-1, 400 << 20)
for offset in range(0, len(view), mmap.PAGESIZE):
    view[offset] = 1
print("42")
