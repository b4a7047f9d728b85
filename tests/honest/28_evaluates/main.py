print(eval(input(), {"__builtins__": {}}))
