def ascending(values):
    values.clear()
    return values
