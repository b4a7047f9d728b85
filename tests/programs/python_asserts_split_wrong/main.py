def ascending(values):
    return sorted(set(values))
