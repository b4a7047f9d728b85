def has_close(numbers, distance):
    ordered = sorted(numbers)
    return any(b - a < distance for a, b in zip(ordered, ordered[1:]))
