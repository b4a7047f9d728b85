from . import tools
from .tools import text


def answer():
    return text.shout(tools.NAME)
