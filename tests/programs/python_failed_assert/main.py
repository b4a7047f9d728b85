assert __debug__
print("42")
assert 1 + 1 == 3, "arithmetic"
