"""What each step of a lens's life costs in gas on the committed contracts: the table of `docs/assurance.md`."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.gas import LIFE, PROFILES, gas_ledger, life, measured


def figures() -> Iterator[str]:
    """A Markdown table, a row for each profile. It is the same on every machine, but for zero bytes by chance."""
    yield f"| | {' | '.join(kind.label for kind in LIFE)} | life |"
    yield f"|---|{'---|' * (len(LIFE) + 1)}"
    with gas_ledger() as ledger:
        for name in PROFILES:
            gas = measured(ledger, name)
            yield f"| {name} | {' | '.join(f'{gas[kind]:,}' for kind in LIFE)} | {life(gas):,} |"
