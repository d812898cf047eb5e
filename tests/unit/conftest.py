"""In which language tests run, and how long property-based ones look for examples.

That is short by default, and long with `--hypothesis-profile=thorough`.
"""

from __future__ import annotations

import os

# A module takes its environment's language over for the whole process: tests that follow would be told in it what the
# system refuses.
os.environ.update(LC_ALL="C.UTF-8", LANGUAGE="")

try:
    from hypothesis import HealthCheck, settings
except ImportError:  # then those tests are skipped
    pass
else:
    slow = [HealthCheck.too_slow]
    settings.register_profile("short", max_examples=40, deadline=None, suppress_health_check=slow, database=None)
    settings.register_profile("thorough", max_examples=2000, deadline=None, suppress_health_check=slow)
    settings.load_profile("short")
