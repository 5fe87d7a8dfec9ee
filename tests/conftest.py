"""Settings of the whole test run."""

import os

from hypothesis import settings

os.environ["PYBAMM_DISABLE_TELEMETRY"] = "true"
for name in [
    key
    for key in os.environ
    if key.startswith("IONSTONE_") and key not in {"IONSTONE_LEVEL", "IONSTONE_KERNEL"}
]:
    del os.environ[name]

# The first example of a property may build a model: a deadline would measure that.
settings.register_profile("ionstone", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("ionstone")
