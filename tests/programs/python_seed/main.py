import random

print(random.random() == random.Random(12345).random(), random.randint(1, 1000))
