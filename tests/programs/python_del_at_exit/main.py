class Guard:
    def __del__(self):
        print("released")


guard = Guard()
print("working")
