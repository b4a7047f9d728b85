files = [open(__file__) for _ in range(1000)]
