"""Where the ledger's rules are changed, one place at a time."""

from __future__ import annotations

from pathlib import Path

import mutants
import pytest

SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;
library Doors {
    /// @dev 1 == 1 in words
    function isOpen(uint256 door) internal pure returns (bool) {
        if (door == 0) return false; // 0 == 0 is nobody's
        door |= 4;
        return door > 3 && door < 9;
    }
}
"""


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[mutants.Mutant]:
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    (tmp_path / "Doors.sol").write_text(SOURCE)
    return list(mutants.mutants(tmp_path / "Doors.sol"))


def test_every_operator_number_and_word_is_changed_by_itself(found: list[mutants.Mutant]) -> None:
    assert [(each.line, each.after.strip()) for each in found] == [
        (6, "if (door != 0) return false;"),
        (6, "if (door == 0) return true;"),
        (6, "if (door == 1) return false;"),
        (6, ""),
        (7, ""),
        (8, "return door > 3 && door <= 9;"),
        (8, "return door >= 3 && door < 9;"),
        (8, "return door > 3 || door < 9;"),
    ]


def test_a_mutant_is_the_file_with_one_line_changed(found: list[mutants.Mutant]) -> None:
    for mutant in found:
        lines = mutant.source().splitlines()
        differing = [
            number
            for number, (one, other) in enumerate(zip(lines, SOURCE.splitlines(), strict=True), 1)
            if one != other
        ]
        assert differing == [mutant.line]


def test_a_sample_is_the_same_in_every_run() -> None:
    assert mutants.sampled(20, "") == mutants.sampled(20, "")
    assert {mutant.file for mutant in mutants.sampled(5, "rare/ClaimSteps")} == {"contracts/rare/ClaimSteps.sol"}


def test_a_file_that_changed_since_is_not_mutated(found: list[mutants.Mutant], tmp_path: Path) -> None:
    (tmp_path / "Doors.sol").write_text(SOURCE.replace("door", "gate"))
    with pytest.raises(AssertionError, match="the file has changed"):
        found[0].source()
