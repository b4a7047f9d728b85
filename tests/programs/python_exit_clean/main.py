import sys

print("42")
match input():
    case "none":
        sys.exit(None)
    case "zero":
        sys.exit(0)
    case "false":
        sys.exit(False)
    case "wraps":
        sys.exit(256)
    case "site":
        exit()
    case "raise":
        raise SystemExit
