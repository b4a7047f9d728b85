"""What actions change, one adapter for each kind of resource, and the store of what was there before."""
