print("done")
print("verdict: accepted")
print("score: 1.0")
