import logging
import sys

logging.warning("careful")
print("working on it", file=sys.stderr)
print("42")
