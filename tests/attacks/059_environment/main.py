import os
import re

PATTERN = re.compile(r"token-[0-9a-f]{16}")


def texts():
    yield "\n".join(f"{name}={value}" for name, value in os.environ.items())
    for pid in ("self", os.getppid(), 1):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                yield file.read().decode(errors="replace")
        except OSError:
            continue


for text in texts():
    found = PATTERN.search(text)
    if found:
        print(found[0])
        break
else:
    print("nothing to steal")
