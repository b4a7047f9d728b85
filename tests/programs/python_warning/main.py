import warnings

warnings.warn("look out")
print("42")
