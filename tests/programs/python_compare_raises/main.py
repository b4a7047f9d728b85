def fail(name):
    if name != "none":
        raise {"ValueError": ValueError, "KeyError": KeyError}[name]("on purpose")
    return name
