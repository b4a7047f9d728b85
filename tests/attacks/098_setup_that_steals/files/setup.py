import glob

texts = [open(path).read() for path in glob.glob("expected*")]
with open("stolen.py", "w") as file:
    file.write(f"ANSWER = {''.join(texts)!r}\n")
