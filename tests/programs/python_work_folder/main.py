import os
import sys

print(os.listdir("."), os.path.samefile(os.path.dirname(__file__), os.getcwd()), os.path.samefile(sys.path[0], os.getcwd()))
with open("helper.py", "w") as file:
    file.write("answer = 42\n")
import helper

print(helper.answer)
