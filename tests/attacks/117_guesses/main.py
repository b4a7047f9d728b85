import random

print(random.SystemRandom().choice(("red", "green", "blue")))
