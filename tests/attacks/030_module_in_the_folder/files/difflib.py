class SequenceMatcher:
    def __init__(self, *args):
        pass

    def ratio(self):
        return 1.0
