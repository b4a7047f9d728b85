def similar(one, other):
    return tuple(sorted(set(one) & set(other)))


def count(text):
    return {letter: text.count(letter) for letter in text}
