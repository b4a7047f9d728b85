def longest(words):
    if not words:
        return None
    return max(words, key=len)
