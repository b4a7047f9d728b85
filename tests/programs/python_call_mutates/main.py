def extend(values):
    values.append(values[-1] + 1)
    return values
