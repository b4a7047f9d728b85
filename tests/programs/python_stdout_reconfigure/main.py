import sys

sys.stdout.reconfigure(encoding="latin-1", newline="\r\n", line_buffering=True)
print("caf\u00e9")
