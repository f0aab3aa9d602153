"""Limits that keep a hostile or broken file from exhausting the machine (all: our choice)."""

from __future__ import annotations

MAX_MATRIX = 8192
"""Largest Rows or Columns accepted; the largest MR matrix in use is about 2048."""

MAX_FRAMES = 20_000
"""Largest NumberOfFrames accepted in one object."""

MAX_STACKS = 300
"""Most stacks that one SeriesInstanceUID is divided into; real series give a dozen."""

MAX_SERIES_BYTES = 4 * 1024**3
"""Largest volume that is decoded; a lumbar series needs some 10 MB."""

MAX_INFLATED_BYTES = 1024**3
"""Largest data set that a deflated file (PS3.5 A.5) may unpack to."""

MAX_ARCHIVE_MEMBERS = 200_000
MAX_MEMBER_BYTES = 2 * 1024**3
MAX_ARCHIVE_BYTES = 32 * 1024**3
MAX_COMPRESSION_RATIO = 200
"""Members that unpack to more than this many times their size are refused as zip bombs."""

RATIO_FREE_BYTES = 16 * 1024**2
"""Members smaller than this are not judged by their ratio: an empty image packs very well."""

DECODER_MEMORY_BYTES = 3 * 1024**3
"""Address space granted to a decoding worker process."""

DECODER_SECONDS = 60.0
"""Time granted to one decoding request; a slice takes some 0.03 s."""
