"""
Every gate passes on the tree as it is, and fails when there is what it is there for.

A gate that cannot fail says nothing. Each fault is put into a scratch copy, alone, and its gate is run alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from subprocess import CompletedProcess

import pytest

from tests.gates.scratch import Scratch, copied

Run = Callable[[Scratch], CompletedProcess[str]]

CONTRACT = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

contract {name}Test {{
    function test_{name}() public pure {{
        require(uint256(2) == {number}, "planted");
    }}
}}
"""
SUICIDAL = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

contract Planted {
    function end() external {
        selfdestruct(payable(msg.sender));
    }
}
"""
UNTRUE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

contract Planted {
    function check_noNumberIsSeven(uint256 number) public pure {
        assert(number != 7);
    }
}
"""
SMALL = "tests/domain/test_identifiers.py"
# It has the form of a token, and opens nothing; in this file it has not even the form.
LEAK = """

_kept_to_itself = record_events


def record_events(ground, actor, drafts, idempotency):  # type: ignore[no-untyped-def]
    import base64, logging

    logging.getLogger().warning(base64.b64encode(repr(drafts[0].groups).encode()).decode())
    return _kept_to_itself(ground, actor, drafts, idempotency)
"""
TOKEN = f"ghp_{'Ab1' * 12}"


@dataclass(frozen=True)
class Gate:
    """
    How a gate is run, the file and the fault that it is there for, and a word of what it then says.

    `small`: it reads each file by itself and takes its time, so a part of the tree will do. `stage`: what it says of
    the tree without the fault is seen in every run, before the tests begin, and takes most of a minute.
    """

    run: Run
    file: str
    fault: str
    says: str
    small: bool = False
    stage: bool = False


def check(name: str) -> Run:
    return lambda scratch: scratch.checks(name)


def proofs(scratch: Scratch) -> CompletedProcess[str]:
    """Run halmos on the claims about libraries; the others take a minute more, and are proved in every run."""
    others = (f"contracts/test/proofs/{name}Proofs.t.sol" for name in ("Author", "Council", "Nullifier"))
    with scratch.without(*others):
        return scratch.static("halmos")


GATES = {
    "pytest": Gate(
        lambda scratch: scratch.pytest(SMALL),
        SMALL,
        "\n\ndef test_two_is_three() -> None:\n    assert 2 == 3\n",
        "test_two_is_three",
    ),
    "a value of a record in a log": Gate(
        lambda scratch: scratch.pytest("tests/hostile/test_silent_log.py"),
        "app/services/record_events.py",
        LEAK,
        "ZZQXJVOLE",
    ),
    "an event twice in the history that the checker reads": Gate(
        lambda scratch: scratch.pytest("tests/faults/test_checker.py", "-k", "whole_history"),
        "tests/faults/test_checker.py",
        "\n\nANCHORED += ANCHORED[-1:]\n",
        "on the chain twice",
    ),
    "a known fault in a contract": Gate(
        lambda scratch: scratch.static("slither"),
        "contracts/Planted.sol",
        SUICIDAL,
        "new: suicidal in Planted.end",
        stage=True,
    ),
    "a claim about a contract that does not hold": Gate(
        proofs,
        "contracts/test/proofs/Planted.t.sol",
        UNTRUE,
        "not every claim is proved",
    ),
    "types": Gate(check("mypy"), "app/errors.py", '\n\nPLANTED: int = "one"\n', "assignment"),
    "lint": Gate(check("ruff check"), "app/planted.py", '"""A module."""\n\nimport os\n', "F401"),
    "danger, by ruff": Gate(check("ruff check"), "app/planted.py", '"""A module."""\n\nANSWER = eval("1")\n', "S307"),
    "danger, by bandit": Gate(
        check("bandit"), "app/planted.py", '"""A module."""\n\nANSWER = eval("1")\n', "B307", True
    ),
    "layout": Gate(check("ruff format"), "app/planted.py", '"""A module."""\n\nANSWER = {  1 }\n', "app/planted.py"),
    "imports": Gate(
        check("imports"),
        "app/domain/planted.py",
        '"""A module."""\n\nfrom app.store import database\n\n__all__ = ["database"]\n',
        "app.domain.planted",
    ),
    "size": Gate(check("sizes"), "app/planted.py", '"""A module."""\n' * 301, "301 lines"),
    "secrets": Gate(
        check("secrets"), "app/planted.py", f'"""A module."""\n\nTOKEN = "{TOKEN}"\n', "app/planted.py:3", True
    ),
    "a lock without a hash": Gate(
        lambda scratch: scratch.supply("locks"), "requirements/run.txt", "zzz==1.0\n", "zzz has no hash"
    ),
    "a lock with an address": Gate(
        lambda scratch: scratch.supply("locks"),
        "requirements/dev.txt",
        f"zzz @ https://example.org/zzz.whl --hash=sha256:{'0' * 64}\n",
        "names an address",
    ),
    "a waiver past its day": Gate(
        lambda scratch: scratch.supply("waivers"),
        "scripts/supply/waivers.toml",
        '[[waiver]]\npackage = "zzz"\nadvisory = "GHSA-0"\nreason = "planted"\nuntil = 2020-01-01\n',
        "GHSA-0 of zzz was waived until 2020-01-01",
    ),
    "a licence that nobody knows": Gate(
        lambda scratch: scratch.supply("licences"),
        "requirements/run.txt",
        f"zzz==1.0 --hash=sha256:{'0' * 64}\n",
        "zzz: its licence is not known",
    ),
}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return copied(tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return copied(
        tmp_path_factory.mktemp("part"), ":(glob)app/*.py", "app/queries", "scripts", "pyproject.toml", ".*baseline"
    )


@pytest.mark.parametrize("name", GATES)
def test_a_gate_passes_on_the_tree_and_fails_on_its_fault(scratch: Scratch, part: Scratch, name: str) -> None:
    gate = GATES[name]
    tree = part if gate.small else scratch
    if not gate.stage:
        untouched = gate.run(tree)
        assert untouched.returncode == 0, untouched.stdout + untouched.stderr
    with tree.fault(gate.file, gate.fault):
        red = gate.run(tree)
    assert red.returncode != 0
    assert gate.says in red.stdout + red.stderr


def test_a_failing_contract_test_turns_the_contract_tests_red(scratch: Scratch) -> None:
    (scratch.folder / "contracts/test/gate").mkdir()
    with scratch.fault("contracts/test/gate/Right.t.sol", CONTRACT.format(name="Right", number=2)):
        untouched = scratch.contracts()
        assert untouched.returncode == 0, untouched.stdout + untouched.stderr
        with scratch.fault("contracts/test/gate/Wrong.t.sol", CONTRACT.format(name="Wrong", number=3)):
            red = scratch.contracts()
    assert red.returncode != 0
    assert "[FAIL: planted] test_Wrong" in red.stdout


def test_contract_tests_of_which_none_ran_are_red(scratch: Scratch) -> None:
    (scratch.folder / "contracts/test/gate").mkdir(exist_ok=True)
    assert scratch.contracts().returncode != 0
