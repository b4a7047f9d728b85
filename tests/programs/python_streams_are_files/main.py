import os
import stat
import sys

for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
    print(stream.name, stream.fileno() == number, stream.encoding.lower(), os.isatty(number), stat.S_ISREG(os.fstat(number).st_mode))
print(sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stdout.line_buffering)
