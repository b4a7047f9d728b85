import mmap

view = mmap.mmap(-1, 400 << 20)
view[0] = view[len(view) - 1] = 1
print(view[0] + view[1] + view[len(view) - 1])
