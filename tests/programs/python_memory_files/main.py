block = b"x" * (1 << 20)
for number in range(6):
    with open(f"/dev/shm/part{number}", "wb") as file:
        for _ in range(32):
            file.write(block)
print("42")
