"""Values as TOML takes them (https://toml.io/en/v1.0.0). Every text can be written, so none is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable

from antechamber.policy.quantities import show_size


def string(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, DEL excepted, which JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def strings(texts: Iterable[object]) -> str:
    """A list, on one line where it is short."""
    items = [string(str(text)) for text in texts]
    line = f"[{', '.join(items)}]"
    return line if len(line) <= 80 else "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def size(count: int) -> str:
    """Bytes: with a binary unit where that keeps them whole, else as a number."""
    shown = show_size(count)
    return string(shown) if shown.endswith("iB") else str(count)
