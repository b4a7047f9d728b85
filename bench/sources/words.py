import re
import sys
from collections import Counter

text = sys.stdin.read()
counts = Counter(re.findall(r"[a-z]+", text.lower()))
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]:
    print(f"{word} {count}")
