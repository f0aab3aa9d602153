"""Reading workstation for lumbar-spine MRI. Not a cleared medical device."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("lvp-workstation")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.0.0"
