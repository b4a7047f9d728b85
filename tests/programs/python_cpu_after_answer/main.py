print("42", flush=True)
while True:
    pass
