import re

print(re.match(r"(a|aa)+$", "a" * 60 + "b"))
