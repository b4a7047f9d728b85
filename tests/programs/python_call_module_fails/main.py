def answer():
    return 42


raise RuntimeError("before any call")
