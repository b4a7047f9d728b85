import subprocess
import sys

print("before", flush=True)
subprocess.run([sys.executable, "-c", "print('child')"], check=True)
print("after")
