print("NO")
for guess in ("YES", "maybe", "unless", "YES"):
    print("or", guess)
