import tempfile

with tempfile.TemporaryFile("w+") as file:
    file.write(input())
    file.seek(0)
    print(sum(map(int, file.read().split())))
