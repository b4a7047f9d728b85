import sys

print(len(sys.argv), sys.orig_argv is not None)
