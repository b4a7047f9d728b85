from .core import answer

__all__ = ["answer"]
