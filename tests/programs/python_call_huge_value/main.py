def make():
    return b"x" * (100 << 20)
