import os

words = []
for top in ("/box/work", "/box/tmp", "/box/shm"):
    for folder, folders, files in os.walk(top):
        words += [os.path.join(folder, name) for name in folders + files]
words += os.listdir("/proc/self/fd")[:-1]
print(*words)
