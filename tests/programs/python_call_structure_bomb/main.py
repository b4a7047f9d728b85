def make(kind):
    if kind == "cycle":
        cycle = []
        cycle.append(cycle)
        return cycle
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
