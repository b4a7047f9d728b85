"""The same changes, undone by this runtime and by others."""
