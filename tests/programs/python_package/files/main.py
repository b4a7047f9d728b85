from app import core
from app.tools.text import shout

print(core.answer(), shout("hi"), core.__package__)
