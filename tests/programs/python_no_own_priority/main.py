import os

before = os.sched_getaffinity(0)
os.sched_setaffinity(0, {min(before)})
os.nice(19)
print(os.sched_getaffinity(0) == before, os.getpriority(os.PRIO_PROCESS, 0))
try:
    open("/proc/self/autogroup", "w").write("19")
except OSError:
    print("refused")
