"""The parts of the benchmark, each with a server of its own."""
