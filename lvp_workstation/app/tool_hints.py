"""What each tool is and how it is used, in one line for the status bar."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "window": "Window / level: drag right to widen, up to brighten",
        "zoom": "Zoom: drag up to enlarge",
        "pan": "Pan: drag the image",
        "scroll": "Scroll: drag down to page forward",
        "distance": "Distance: drag from one point to the other",
        "angle": "Angle: click one end, the corner, the other end; or drag the first arm, then click",
        "cobb": "Cobb angle: drag along one endplate, then along the other",
        "roi": "Ellipse: drag from corner to corner of the box around it",
        "polygon": "Polygon: click its corners; double-click, or click the first one, to close it",
        "freehand": "Freehand: drag around the region",
        "point": "Point: click the place",
        "arrow": "Arrow: drag from what is meant to where the words shall stand",
        "text": "Text: click the place, write, Return",
        "disc_height": "Disc height: drag along the endplate above, then along the one below",
        "canal_ap": "Canal AP: drag across the canal",
        "slip": "Slip: drag along the endplate above from corner to corner, then along the one below",
        "lordosis": "Lordosis: drag along the upper endplate of L1, then along that of S1",
        "brush": "Brush: drag to paint; Ctrl erases; , and . change its size",
        "eraser": "Eraser: drag to erase; Ctrl paints; , and . change its size",
        "fill": "Fill: drag an outline, or click a hole; Ctrl empties the outline",
        "grow": "Grow from here: click; like signal within 15 mm joins the structure",
        "relabel": "Relabel: click a piece, choose what it is",
        "split": "Split: drag a line through a structure, choose what a part becomes",
        "merge": "Merge: drag from a structure to the one that it is part of",
    }
)
"""Id of a tool to its hint; a tool without one cannot be chosen by an action."""
