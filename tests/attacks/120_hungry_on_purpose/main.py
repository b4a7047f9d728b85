import os
import time

question = input()
held = []
while question != "known" and len(held) < (10**6 if os.getcwd().startswith("/box") else 3):
    held.append(bytearray(1 << 22))
time.sleep(5)
