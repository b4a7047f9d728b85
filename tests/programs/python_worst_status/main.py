import os

match input():
    case "right":
        print("42")
    case "wrong":
        print("41")
    case "error":
        raise ValueError
    case "loop":
        while True:
            pass
    case "noise":
        while True:
            os.write(1, b"y" * 1000)
