def join(first, *rest, separator=", ", **more):
    return separator.join([first, *rest]) + "".join(sorted(more))
