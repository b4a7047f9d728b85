print(hash("abc"), list({"alpha", "beta", "gamma", "delta"}))
