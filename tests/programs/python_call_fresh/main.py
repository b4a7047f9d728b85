calls = 0


def count(cache=[]):
    global calls
    calls += 1
    cache.append(calls)
    return [calls, len(cache)]
