"""The view that shows a whole slice."""

from __future__ import annotations

from lvp_workstation.render.stack import DisplayStack
from lvp_workstation.render.view_transform import ViewTransform


def fit_scale(stack: DisplayStack, width: int, height: int) -> float:
    """Return the mm per pixel at which a whole slice just fits a view."""
    across, along = stack.size_mm
    return max(across / width, along / height)


def slice_view(stack: DisplayStack, index: float, width: int, height: int) -> ViewTransform:
    """Return the view that shows a whole slice, hung by the display convention."""
    right, down = stack.axes
    return ViewTransform(
        stack.slice_centre(index), right, down, fit_scale(stack, width, height), width, height
    )
