import os
import subprocess

assert os.readlink("/proc/self/exe")
for name in ("status", "stat", "statm"):
    with open(f"/proc/self/{name}") as file:
        assert file.read()
for name in ("cpuinfo", "meminfo", "loadavg"):
    os.path.exists(f"/proc/{name}")
with open("/dev/stdin") as file:
    numbers = map(int, file.read().split())
subprocess.run(["true"], check=True)
with open("/dev/stdout", "w") as file:
    file.write(f"{sum(numbers)}\n")
