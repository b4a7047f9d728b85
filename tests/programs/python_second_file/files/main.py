import os

import helper

print(helper.double(int(input())), open("data.txt").read().strip(), sorted(name for name in os.listdir(".") if name != "__pycache__"))
