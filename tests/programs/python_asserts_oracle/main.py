def encode(text):
    return "".join(chr((ord(letter) - 97 + 5) % 26 + 97) for letter in text)


def decode(text):
    return "".join(chr((ord(letter) - 97 - 5) % 26 + 97) for letter in text)
