def parse_age(text):
    return undefined_name
