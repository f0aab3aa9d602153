"""Synthetic lumbar MRI studies with exact truth."""
