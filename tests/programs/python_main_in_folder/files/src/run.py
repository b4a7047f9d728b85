import os
import sys

import beside

print(beside.NAME, os.path.basename(sys.argv[0]), os.path.exists("src/run.py"), __name__)
