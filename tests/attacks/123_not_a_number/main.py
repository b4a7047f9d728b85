print("nan nan nan")
