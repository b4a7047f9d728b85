with open("/proc/self/status") as file:
    assert any(line.startswith("VmRSS") for line in file)
print(sum(map(int, input().split())))
