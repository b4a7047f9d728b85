"""What data sets and trainers hold, as jobs: the program in a completion (`completion.py`), and a row's tests in the
shapes that people already have (`shapes.py`). Shared by the integrations, on the client's side, and the HTTP door."""

from sandbox.tasks.completion import program_in, program_place, text_of
from sandbox.tasks.shapes import job_of, task_of

__all__ = ["job_of", "program_in", "program_place", "task_of", "text_of"]
