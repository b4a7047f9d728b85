import mmap
import sys

with mmap.mmap(sys.stdin.fileno(), 0, prot=mmap.PROT_READ) as text:
    print(sum(map(int, text[:].split())))
