try:
    import numpy
except ImportError:
    print("no numpy")
else:
    print(numpy.__version__)
