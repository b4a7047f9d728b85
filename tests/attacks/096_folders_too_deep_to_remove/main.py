import os

for _ in range(1500):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
with open("bottom", "w"):
    pass
