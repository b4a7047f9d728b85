import time

# The right answer, much too late, and never silent for long.
for letter in "  111":
    print(letter, end="", flush=True)
    time.sleep(0.2)
