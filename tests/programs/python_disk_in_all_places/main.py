written = 0
try:
    for place in (".", "/tmp", "/dev/shm"):
        with open(place + "/part", "wb", buffering=0) as file:
            for _ in range(3):
                written += file.write(b"x" * (1 << 20))
    print("all of it")
except OSError as error:
    print(error.strerror)
