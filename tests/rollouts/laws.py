"""How laws are tried: a busy machine breaks none."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
