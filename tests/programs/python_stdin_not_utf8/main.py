import sys

data = sys.stdin.buffer.read()
text = data.decode("utf-8", "surrogateescape")
print(len(data), [hex(ord(letter)) for letter in text])
sys.stdout.flush()
sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
