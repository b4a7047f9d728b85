import sys
from multiprocessing import resource_tracker, shared_memory

resource_tracker.register = lambda *args: None
if sys.stdin.read() == "plant":
    block = shared_memory.SharedMemory("left-behind", create=True, size=4096)
    block.buf[:6] = b"answer"
    block.close()
    print("planted")
else:
    try:
        shared_memory.SharedMemory("left-behind")
        print("found")
    except FileNotFoundError:
        print("clean")
