import sys

word = input()
sys.stdin.close()
print(word, sys.stdin.closed)
