"""What slither finds is compared with a list that gives a reason for each; the rest is red."""

from __future__ import annotations

from typing import Any

import pytest
from static_analysis import TRIAGE, Finding, differences, findings, proved, triaged

KNOWN = Finding("timestamp", "EquipmentLedger.pause")
ENTRY = '[[finding]]\ncheck = "timestamp"\nabout = "EquipmentLedger.pause"\nreason = "Hours, not seconds."\n'


def report(*detectors: dict[str, Any], success: bool = True) -> dict[str, Any]:
    return {"success": success, "error": None, "results": {"detectors": list(detectors)}}


def detected(check: str, function: str, contract: str) -> dict[str, Any]:
    above = {"type": "contract", "name": contract, "type_specific_fields": {}}
    element = {"type": "function", "name": function, "type_specific_fields": {"parent": above, "signature": "f()"}}
    return {"check": check, "elements": [element]}


def test_a_finding_is_named_by_its_detector_and_its_function_whatever_the_line() -> None:
    assert findings(report(detected("timestamp", "pause(uint40)", "EquipmentLedger"))) == {KNOWN}
    assert findings(report()) == set()


def test_what_is_new_and_what_is_gone_is_told() -> None:
    other = Finding("reentrancy-eth", "EquipmentLedger.submit")
    assert differences([KNOWN], [KNOWN]) == []
    assert differences([KNOWN, other], [KNOWN]) == ["new: reentrancy-eth in EquipmentLedger.submit"]
    assert differences([], [KNOWN]) == ["no longer found, take it out of the list: timestamp in EquipmentLedger.pause"]


@pytest.mark.parametrize("text", [ENTRY.replace("Hours, not seconds.", "ok"), ENTRY + ENTRY])
def test_an_entry_without_a_reason_or_twice_ends_the_run(text: str) -> None:
    assert triaged(ENTRY) == {KNOWN}
    with pytest.raises(SystemExit, match="without a reason, or twice"):
        triaged(text)


def test_a_run_that_did_not_end_is_no_success() -> None:
    with pytest.raises(SystemExit, match="slither failed"):
        findings(report(success=False))


def test_every_finding_of_the_committed_list_has_a_reason() -> None:
    assert len(triaged(TRIAGE.read_text(encoding="utf-8"))) > 10


@pytest.mark.parametrize(
    ("output", "claims"),
    [
        ("Symbolic test result: 7 passed; 0 failed; time: 0.6s", 7),
        ("Symbolic test result: 6 passed; 1 failed; time: 0.6s", 0),
        ("Symbolic test result: 7 passed; 0 failed; …\nSymbolic test result: 3 passed; 0 failed; …", 10),
        ("Symbolic test result: 7 passed; 0 failed; …\nSymbolic test result: 2 passed; 1 failed; …", 0),
        (
            "WARNING  check_it(): paths have not\n  been fully explored …\nSymbolic test result: 7 passed; 0 failed; …",
            0,
        ),
        ("Error: No tests with --match-contract", 0),
    ],
)
def test_nothing_is_proved_where_one_claim_fails_or_none_was_looked_at(output: str, claims: int) -> None:
    assert proved(output) == claims
