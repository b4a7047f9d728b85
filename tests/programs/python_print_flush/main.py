import sys

print("a", flush=True)
print("b", end=" ")
sys.stdout.flush()
print("c", file=sys.stdout)
sys.stdout.writelines(["d\n", "e\n"])
