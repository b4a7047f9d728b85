def pair(kind):
    return (1, 2) if kind == "tuple" else [1, 2]
