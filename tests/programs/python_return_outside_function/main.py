print("42")
return
