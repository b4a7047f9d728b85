with open("big", "wb", buffering=0) as file:
    for _ in range(100):
        if file.write(b"x" * 4096) < 4096:
            print("short write")
