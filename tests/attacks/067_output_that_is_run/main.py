print("expected = 0; raise SystemExit(0)")
