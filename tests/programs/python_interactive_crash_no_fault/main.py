raise ValueError("first")
