block = bytearray(b"x" * (80 << 20))
print(len(block) >> 20)
