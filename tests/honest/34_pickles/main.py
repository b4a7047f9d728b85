import pickle

numbers = pickle.loads(pickle.dumps(input().split()))
print(sum(map(int, numbers)))
