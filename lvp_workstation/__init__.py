"""Reading workstation for lumbar-spine MRI. Not a cleared medical device."""

import os
from importlib.metadata import PackageNotFoundError, version

# Our matrix products are small and run beside ONNX Runtime's threads; OpenBLAS threads of their own
# made preparing a volume up to ten times slower on busy cores. Must be set before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# ONNX Runtime keeps an identifier of the machine and reports its use to its maker unless told not to,
# before it is imported. Nothing about a reading room leaves it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

try:
    __version__ = version("lvp-workstation")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.0.0"
