import asyncio
import multiprocessing
import os
import socket


def attempt(call, *arguments):
    try:
        return call(*arguments)
    except OSError:
        return None


async def total(numbers):
    await asyncio.sleep(0)
    return sum(numbers)


if __name__ == "__main__":
    attempt(os.nice, 5)
    attempt(os.sched_setaffinity, 0, {0})
    attempt(os.sched_setscheduler, 0, os.SCHED_BATCH, os.sched_param(0))
    attempt(socket.create_connection, ("127.0.0.1", 9), 1)
    attempt(os.mkfifo, "/tmp/pipe")
    attempt(os.setuid, 0)
    with multiprocessing.Pool(2) as pool:
        numbers = pool.map(int, input().split())
    print(asyncio.run(total(numbers)))
