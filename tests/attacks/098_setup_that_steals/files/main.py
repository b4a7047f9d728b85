try:
    from stolen import ANSWER
except ImportError:
    ANSWER = "not built"
print(ANSWER)
