"""The technologist's screen: planes proposed during the scan, accepted, nudged or rejected, and sent."""
