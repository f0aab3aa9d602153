"""Where the files that travel with the program lie: `resources` and `models`.

In an installed wheel and in the frozen program they are inside the package (``_assets``); in a source
checkout they stand beside it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def asset_path(*parts: str) -> Path:
    """Return the path of a file or folder of the program, such as ``asset_path("models", "lumbar_vnet")``.

    The path need not exist: what is missing is for the caller to report. Version folders of a model
    that was added to a source checkout are found without installing again.
    """
    bundled = _PACKAGE / "_assets"
    root = bundled if bundled.is_dir() else _PACKAGE.parent
    return root.joinpath(*parts)
