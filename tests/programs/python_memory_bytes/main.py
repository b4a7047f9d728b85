print(len(b"x" * 400_000_000))
