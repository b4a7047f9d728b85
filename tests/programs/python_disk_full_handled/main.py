import os

try:
    for number in range(1000):
        with open(f"/tmp/part{number}", "wb") as file:
            file.write(b"x" * 262144)
    print("endless")
except OSError as error:
    print(error.strerror)
for name in os.listdir("/tmp"):
    if name.startswith("part"):
        os.remove("/tmp/" + name)
with open("/tmp/fits", "wb") as file:
    print(file.write(b"x" * 262144))
