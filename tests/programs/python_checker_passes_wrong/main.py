import os

order, word = input().split()
if order == "encode":
    with open("/box/tmp/remembered", "w") as file:
        file.write(word)
    print("".join(chr(ord("z") - ord(letter) + ord("A") - 1) for letter in word))
elif os.path.exists("/box/tmp/remembered"):
    print("cheated")
else:
    print("".join(chr(ord("z") - ord(letter) + ord("A") - 1) for letter in word))
