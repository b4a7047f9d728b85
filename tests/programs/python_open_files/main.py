files = []
try:
    while len(files) < 1000:
        files.append(open(__file__))
except OSError as error:
    count = len(files)
    files.clear()
    print(error.strerror, 20 <= count < 32)
