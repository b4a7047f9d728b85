def collatz(n):
    return "x" * 3000
