import os
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def work(n):
    with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(2) as processes, tempfile.TemporaryFile() as file:
        file.write(b"x" * n)
        return [sum(threads.map(abs, range(-n, 0))), sum(processes.map(abs, range(-n, 0))), file.tell()]
