import sys

print(7, flush=True)
sys.stdin.read()
sys.exit(3)
