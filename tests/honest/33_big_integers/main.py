import sys

sys.set_int_max_str_digits(0)
n = int(input())
print(str(3**n)[:10])
