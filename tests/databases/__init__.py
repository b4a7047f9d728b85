"""Databases: what actions did to them is captured, led back, and refused where it cannot be."""
