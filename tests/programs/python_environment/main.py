import os

names = set(os.environ)
words = ("SANDBOX", "TOKEN", "SECRET", "KEY", "PASSWORD", "GRPC", "NSJAIL", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONSTARTUP", "LD_PRELOAD", "PROXY")
print(len(names) <= 16, sorted(name for name in names if any(word in name.upper() for word in words)))
os.environ["MINE"] = "1"
print(os.getenv("MINE"))
