from .core import area
