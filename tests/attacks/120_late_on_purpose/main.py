import time

question = input()
if question != "known":
    time.sleep(5)
print(1)
