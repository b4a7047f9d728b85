import sys

piece = "9" * (1 << 20)
for _ in range(8):
    sys.stdout.write(piece)
