def ascending(values):
    return sorted(values)
