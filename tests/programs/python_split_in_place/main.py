def solve(rows, seen):
    rows.sort()
    rows[0].append(9)
    seen["n"] = len(rows)
