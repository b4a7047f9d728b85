"""Can this machine jail programs? Every check proves it by doing, and says what it means when it fails, and the fix."""

from sandbox.doctor.examine import Report, examine
from sandbox.doctor.preflight import preflight
from sandbox.doctor.result import Result, Status

__all__ = ["Report", "Result", "Status", "examine", "preflight"]
