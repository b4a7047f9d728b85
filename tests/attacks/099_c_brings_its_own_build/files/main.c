this is no C at all
