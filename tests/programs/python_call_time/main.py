def work(kind):
    while kind == "loop":
        pass
    while kind == "print":
        print("y")
    return kind
