text = """a
b"""
if text == "a\nb":
    print("LF")
else:
    print("CR LF")
