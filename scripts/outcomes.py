"""
What a check says: it passed, it failed, or it did not run; and the summary of several.

A look-up in a service that did not answer has found nothing, and nothing was looked at: that is neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

Check = Callable[[], "Outcome"]


class Outcome(Enum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"

    @classmethod
    def of(cls, passed: bool) -> Outcome:
        """The outcome of a check that did run."""
        return cls.PASSED if passed else cls.FAILED


def chosen(checks: Mapping[str, Check], names: list[str]) -> dict[str, Check]:
    """Choose the checks that are named, all if none is; end in a sentence where there is no such check."""
    for name in names:
        if name not in checks:
            raise SystemExit(f"there is no check {name}; there are: {', '.join(checks)}")
    return {name: check for name, check in checks.items() if not names or name in names}


def run(title: str, checks: Mapping[str, Check]) -> int:
    """Run every check, also after one failed, and return 1 if one failed; what did not run is named."""
    outcomes = {}
    for name, check in checks.items():
        print(f"--- {name}", flush=True)
        outcomes[name] = check()
    print(f"--- {title}: {summary(outcomes)}", flush=True)
    return 1 if Outcome.FAILED in outcomes.values() else 0


def summary(outcomes: Mapping[str, Outcome]) -> str:
    """Say in a line which failed and which did not run; `all passed` only where all did."""
    kinds = (Outcome.FAILED, Outcome.NOT_RUN)
    named = {kind: [name for name, outcome in outcomes.items() if outcome is kind] for kind in kinds}
    parts = [f"{kind.value}: {', '.join(names)}" for kind, names in named.items() if names]
    passed = sum(outcome is Outcome.PASSED for outcome in outcomes.values())
    return "; ".join([*parts, f"{passed} passed"]) if parts else "all passed"
