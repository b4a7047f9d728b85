import os

print("42", flush=True)
os.abort()
