"""`python -m sandbox.cli` is `sandbox`."""

from sandbox.cli import main

main()
