import os

number = input()
before = "unknown"
for path in (".", "main.py"):
    for name in ("user.kept", "trusted.kept", "security.kept"):
        try:
            before = os.getxattr(path, name).decode()
        except OSError:
            pass
        try:
            os.setxattr(path, name, number.encode())
        except OSError:
            pass
print(before)
