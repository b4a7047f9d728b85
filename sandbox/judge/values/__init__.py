"""Values that calls return: reading them from a program's claims, and comparing them with what was expected."""
