import bisect
import collections
import datetime
import decimal
import fractions
import functools
import heapq
import itertools
import json
import math
import operator
import random
import re
import statistics
import string
import typing

print(decimal.Decimal("0.1") + decimal.Decimal("0.2"), fractions.Fraction(3, 6), math.isqrt(10**40))
print(collections.Counter("abracadabra").most_common(1), list(itertools.accumulate([1, 2, 3], operator.mul)))
print(heapq.nsmallest(2, [3, 1, 2]), bisect.bisect([1, 2, 3], 2), functools.reduce(operator.xor, [1, 2, 3]))
print(json.dumps({"a": [1, None]}), re.sub(r"\d", "#", "a1b2"), string.ascii_lowercase[:3], statistics.median([3, 1, 2]))
print(datetime.date(2024, 2, 29) + datetime.timedelta(days=1), random.Random(1).randint(0, 99), typing.get_origin(list[int]))
