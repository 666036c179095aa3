"""
Known holes that somebody decided to live with until a day: `scripts/supply/waivers.toml`.

A waiver names one hole of one package and gives its reason. Past its day it fails, also where no service answers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

FILE = Path("scripts/supply/waivers.toml")


@dataclass(frozen=True)
class Waiver:
    """One hole of one package that counts as closed up to and including a day."""

    package: str
    advisory: str
    reason: str
    until: date

    def covers(self, package: str, names: Collection[str]) -> bool:
        """Whether the hole of that package that goes by these names is this one."""
        return self.package == package and self.advisory in names


def load(root: Path) -> list[Waiver]:
    """Read the waivers; raises ValueError with a sentence for one that is not complete."""
    content = tomllib.loads((root / FILE).read_text("utf-8"))
    if content.keys() - {"waiver"}:
        raise ValueError("there is something else than waivers")
    return [_waiver(number, each) for number, each in enumerate(content.get("waiver", []), start=1)]


def _waiver(number: int, content: dict[str, object]) -> Waiver:
    if content.keys() != {each.name for each in fields(Waiver)}:
        raise ValueError(f"waiver {number} does not have exactly package, advisory, reason and until")
    texts = [content[name] for name in ("package", "advisory", "reason")]
    if not all(isinstance(text, str) and text.strip() for text in texts) or type(content["until"]) is not date:
        raise ValueError(f"waiver {number} has an empty text, or a day that is none")
    return Waiver(**content)  # type: ignore[arg-type]  # the lines above say so


def in_force(waivers: Sequence[Waiver], today: date) -> list[Waiver]:
    """Leave out those whose day is over."""
    return [each for each in waivers if today <= each.until]


def problems(root: Path, today: date) -> Iterator[str]:
    """Name what cannot be read, and waivers whose day is over."""
    try:
        waivers = load(root)
    except (OSError, ValueError) as error:
        yield f"{FILE}: {error}"
        return
    for each in waivers:
        if today > each.until:
            yield f"{FILE}: {each.advisory} of {each.package} was waived until {each.until}: mend it, or decide again"
