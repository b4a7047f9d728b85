order, word = input().split()
print({'encode': 'x'}[order])
