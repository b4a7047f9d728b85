try:
    {}["key"]
except KeyError as error:
    raise ValueError("no key") from error
