def solve(items, key, more):
    items = [*items, *more]
    return sorted(items, key=key), key
