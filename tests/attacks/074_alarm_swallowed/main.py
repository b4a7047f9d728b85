import time

done = 0.0
while done < 0.4:
    try:
        start = time.thread_time()
        while done < 0.4:
            now = time.thread_time()
            done += now - start
            start = now
    except BaseException:
        continue
print(input()[::-1])
