def find_first(items, wanted):
    raise NotImplementedError
