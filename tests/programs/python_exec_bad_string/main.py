print("42")
exec("def f(:")
