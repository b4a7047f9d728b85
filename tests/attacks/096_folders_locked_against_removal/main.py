import os

for number in range(50):
    os.makedirs(f"locked/{number}/deep")
    for part in range(10):
        with open(f"locked/{number}/deep/{part}", "w"):
            pass
with open(b"locked/\xff", "w"):
    pass
with open(b"\xff", "w"):
    pass
for top, folders, files in os.walk("locked", topdown=False):
    os.chmod(top, 0)
try:
    os.chmod(".", 0)
except OSError:
    pass
