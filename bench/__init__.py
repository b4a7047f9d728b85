"""How fast this server is, beside what else could run the same programs, in one run on one machine."""
