def f(kind):
    return {"list": [3, 1, 2], "none": None, "true": True, "text": "hello", "float": 0.1 + 0.2, "set": {1, 2}, "pairs": [(1, "a")]}[kind]
