import sys

word = input()
print(word[::-1], len(word), sys.getdefaultencoding())
with open("note.txt", "w") as file:
    file.write(word)
print(open("note.txt", "rb").read() == word.encode())
