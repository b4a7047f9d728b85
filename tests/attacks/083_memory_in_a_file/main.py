import os

SIZE, PIECE = 160 << 20, 1 << 20
number = int(input())
store = os.memfd_create("store")
for _ in range(SIZE // PIECE):
    os.write(store, bytes(PIECE))
print(os.fstat(store).st_size // PIECE * number)
