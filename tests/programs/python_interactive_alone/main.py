import os

words = [name for top in ("/box/work", "/box/tmp", "/box/shm") for name in os.listdir(top)]
print(*words, *os.listdir("/proc/self/fd")[:-1])
