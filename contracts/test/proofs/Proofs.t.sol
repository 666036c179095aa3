// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Heads} from "../../libraries/Heads.sol";
import {States} from "../../libraries/States.sol";

/// @title What holds of packed states and heads for every value, not for those that were drawn
/// @dev halmos takes each `check_` function as a claim about all arguments, and looks for some that break it.
contract Proofs {
    using Heads for bytes16;
    using Heads for bytes32;
    using States for uint256;

    uint256 private constant _TABLE = uint256(type(uint160).max) << 96;
    uint256 private constant _MISMATCHES = uint256(type(uint16).max) << 32;
    uint256 private constant _CHECKED = uint256(type(uint40).max) << 160;
    uint256 private constant _INSURERS = uint256(type(uint64).max) << 96;

    /// @dev A step that is recorded stays recorded, and hides no other: nothing is written twice unseen.
    function check_aStepRecordedStaysAndChangesNoOther(uint256 state, uint8 kind, uint8 other) public pure {
        if (kind >= 32 || other >= 32 || kind == other) return;
        uint256 afterwards = state.withStep(kind);
        assert(afterwards.has(kind));
        assert(afterwards.has(other) == state.has(other));
        assert(afterwards >> 32 == state >> 32);
    }

    /// @dev The hash of the table is read as it was written, and nothing beside it changes.
    function check_theTableIsReadAsItWasWritten(uint256 state, uint160 hash) public pure {
        uint256 afterwards = state.withTable(hash);
        assert(afterwards.tableOf() == hash);
        assert(afterwards & ~_TABLE == state & ~_TABLE);
    }

    /// @dev A mismatch never goes away by comparing, and comparing changes nothing but mismatches and one mark.
    function check_aMismatchStays(uint256 state, uint256 bits) public pure {
        uint256 afterwards = state.withCompared(bits);
        assert(afterwards.mismatchesOf() == state.mismatchesOf() | uint16(bits));
        uint256 rest = ~(_MISMATCHES | States.INCOMPARABLE);
        assert(afterwards & rest == state & rest);
    }

    /// @dev Insurers that a dossier names stay named; no third comes in, and nothing else changes.
    function check_twoInsurersAtMostAndTheyStay(uint256 state, uint32 first, uint32 second) public pure {
        (uint256 afterwards, bool fit) = state.withInsurers(first, second);
        uint32 before = state.firstInsurerOf();
        if (before != 0) assert(afterwards.firstInsurerOf() == before);
        if (state.secondInsurerOf() != 0) assert(afterwards.secondInsurerOf() == state.secondInsurerOf());
        if (fit && first != 0) assert(afterwards.names(first));
        if (fit && second != 0) assert(afterwards.names(second));
        assert(afterwards & ~_INSURERS == state & ~_INSURERS);
    }

    /// @dev The earliest check is kept.
    function check_theEarliestCheckIsKept(uint256 state, uint40 time) public pure {
        uint256 afterwards = state.withCheck(time);
        uint40 before = state.checkedAt();
        if (before != 0) assert(afterwards.checkedAt() <= before);
        if (time != 0) assert(afterwards.checkedAt() <= time);
        assert(afterwards & ~_CHECKED == state & ~_CHECKED);
    }

    /// @dev An item taken off and put back on the count of open ones leaves the count as it was.
    function check_openItemsAreCountedBothWays(uint256 dossier, uint256 before, uint256 afterwards) public pure {
        if (dossier & (uint256(type(uint16).max) << 48) == 0) return;
        if (uint16(dossier >> 48) == type(uint16).max) return;
        assert(dossier.withOpen(before, afterwards).withOpen(afterwards, before) == dossier);
    }

    /// @dev The parts of a head are those of its octets, and no two heads have all parts alike.
    function check_aHeadIsItsParts(bytes32 head) public pure {
        uint256 whole = (uint256(head.kind()) << 248) | (uint256(head.occurrence()) << 240)
            | (uint256(head.claimedAt()) << 200) | (uint256(uint128(head.subject())) << 72) | uint256(head.detail());
        assert(bytes32(whole) == head);
        assert(head.subject().creatorOf() == uint32(uint128(head.subject()) >> 96));
    }
}
