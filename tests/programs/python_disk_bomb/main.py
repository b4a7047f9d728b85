import sys

size = 0
pieces = int(sys.stdin.read())
for number in range(pieces):
    with open(f"part{number}", "wb") as file:
        size += file.write(b"x" * 262144)
print(size)
