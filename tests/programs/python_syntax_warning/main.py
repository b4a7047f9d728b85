print(len("\d+"))
