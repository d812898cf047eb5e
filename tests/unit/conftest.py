"""How long property-based tests look for examples: short by default, `--hypothesis-profile=thorough` for long."""

from __future__ import annotations

try:
    from hypothesis import HealthCheck, settings
except ImportError:  # then those tests are skipped
    pass
else:
    slow = [HealthCheck.too_slow]
    settings.register_profile("short", max_examples=40, deadline=None, suppress_health_check=slow, database=None)
    settings.register_profile("thorough", max_examples=2000, deadline=None, suppress_health_check=slow)
    settings.load_profile("short")
