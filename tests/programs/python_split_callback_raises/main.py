def solve(f):
    try:
        f(1)
    except Exception as error:
        return type(error).__name__, str(error), repr(getattr(f, "__globals__", None)), dir(f) == dir(solve)
