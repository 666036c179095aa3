// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {ISteps} from "../../interfaces/ISteps.sol";
import {Heads} from "../../libraries/Heads.sol";
import {States} from "../../libraries/States.sol";
import {RareAuthors} from "../../rare/RareAuthors.sol";
import {RareCalls} from "../../steps/RareCalls.sol";
import {Steps} from "../../steps/Steps.sol";

/// @dev A register in which everybody has the same role.
contract Everybody {
    IPartyRegistry.Role private immutable _role;

    constructor(IPartyRegistry.Role role) {
        _role = role;
    }

    function partyOf(uint32) external view returns (IPartyRegistry.Role role, IPartyRegistry.PartyState state) {
        return (_role, IPartyRegistry.PartyState.Active);
    }
}

/// @dev The roles that may sign a kind, as the table of `IEquipmentLedger` has them.
library Table {
    using Heads for bytes32;


    function allows(bytes32 head, IPartyRegistry.Role role) internal pure returns (bool) {
        uint8 kind = head.kind();
        if (role == IPartyRegistry.Role.Auditor) return kind == 29;
        if (role == IPartyRegistry.Role.Insurer) {
            return kind == 8 || kind == 20 || kind == 21 || kind == 24 || kind == 29;
        }
        if (role == IPartyRegistry.Role.Glassmaker) {
            if (kind == 19 && head.occurrence() >= 8 && head.occurrence() < 12) return false;
            return kind == 3 || kind == 4 || kind == 9 || kind == 12 || kind == 13 || kind == 17 || kind == 19
                || kind == 20 || kind == 30;
        }
        if (role != IPartyRegistry.Role.Optician) return false;
        return kind != 0 && kind != 3 && kind != 4 && kind != 8 && kind != 9 && kind != 17 && kind != 21 && kind != 24
            && kind != 29 && kind != 30;
    }
}

/// @title A rare step is signed by nobody but who the table of kinds allows, for every head and every author
contract RareAuthorProofs is RareAuthors {
    using Heads for bytes16;
    using Heads for bytes32;

    function check_aRareStepIsSignedInItsRoleAlone(
        bytes32 head,
        bytes32 one,
        bytes32 other,
        uint32 party,
        IPartyRegistry.Role role,
        IPartyRegistry.Role everybodys
    ) public {
        uint8 kind = head.kind();
        if (kind > 31 || (kind != 1 && kind < 11)) return;
        _registry = IPartyRegistry(address(new Everybody(everybodys)));
        bytes32[] memory words = new bytes32[](2);
        (words[0], words[1]) = (one, other);
        if (!this.may(head, words, party, role)) return;
        assert(Table.allows(head, role));
        bool byName = role == IPartyRegistry.Role.Optician && kind != 31;
        if (byName) assert(head.subject().creatorOf() == party);
        if (kind == 30) assert(head.subject().creatorOf() == party);
        if (kind == 18 || kind == 28) assert(bytes16(one).creatorOf() == party);
        if (kind == 1 || kind == 28) assert(bytes16(other).creatorOf() == party);
    }

    function may(bytes32 head, bytes32[] calldata words, uint32 party, IPartyRegistry.Role role)
        external
        view
        returns (bool)
    {
        return _mayAuthor(Author(party, role, 0, 0, 0, IPartyRegistry.Role.None), head, words);
    }
}

/// @title A step of every life is recorded once, and of nobody but who the table of kinds allows
/// @dev Tried with up to seven words: no step on an item has more, nor an invoice of one item.
contract StepAuthorProofs is Steps {
    using Heads for bytes16;
    using Heads for bytes32;
    using States for uint256;

    constructor() RareCalls(address(0)) {
        _registry = IPartyRegistry(address(new Everybody(IPartyRegistry.Role.Glassmaker)));
    }

    /// @custom:halmos --loop 16
    function check_aStepOfAStrangerChangesNothing(
        bytes32 head,
        bytes32[7] memory roots,
        uint8 length,
        uint32 party,
        IPartyRegistry.Role role
    ) public {
        bool isOwn = role != IPartyRegistry.Role.Optician || head.subject().creatorOf() == party;
        if (head.kind() > 10 || (Table.allows(head, role) && isOwn)) return;
        Outcome outcome = _offer(head, roots, length, party, role);
        assert(outcome == Outcome.NotAllowed || outcome == Outcome.Malformed);
        assert(_items[head.subject()].state == 0 && _dossiers[head.subject()] == 0 && _nullifiers[roots[6]].bound == 0);
    }

    /// @dev What one item was quoted to be made by, no other glassmaker speaks of.
    /// @custom:halmos --loop 16
    function check_aStepOfAnotherGlassmakerChangesNothing(
        bytes32 head,
        bytes32[7] memory roots,
        uint8 length,
        uint32 party,
        uint256 state
    ) public {
        if (state.glassmakerOf() == party || (head.kind() != 3 && head.kind() != 4 && head.kind() != 9)) return;
        _items[head.subject()].state = state;
        assert(_offer(head, roots, length, party, IPartyRegistry.Role.Glassmaker) != Outcome.Recorded);
        assert(_items[head.subject()].state == state && _nullifiers[roots[6]].bound == 0);
    }

    /// @dev A second step of the same kind on the same item changes nothing, whoever signs it and whatever it says.
    /// @custom:halmos --loop 16
    function check_aStepOnAnItemIsRecordedOnce(
        bytes32 head,
        bytes32[7] memory roots,
        uint8 length,
        uint32 party,
        IPartyRegistry.Role role,
        uint256 state
    ) public {
        uint8 kind = head.kind();
        if (kind == 7 || kind == 8 || kind > 10 || !state.has(kind)) return;
        _items[head.subject()].state = state;
        assert(_offer(head, roots, length, party, role) != Outcome.Recorded);
        assert(_items[head.subject()].state == state && _nullifiers[roots[6]].bound == 0);
    }

    function take(Step calldata step, uint32 party, IPartyRegistry.Role role) external returns (Outcome) {
        return _take(Author(party, role, type(uint40).max, 0, 0, IPartyRegistry.Role.None), step);
    }

    /// @dev The step with as many of the roots, for which halmos wants a number that is no unknown.
    function _offer(bytes32 head, bytes32[7] memory roots, uint8 length, uint32 party, IPartyRegistry.Role role)
        private
        returns (Outcome outcome)
    {
        outcome = Outcome.Malformed;
        for (uint256 size = 0; size <= 7; size++) {
            // A quote that replaces another item is a rare step.
            if (length != size || (head.kind() == 1 && size == 2)) continue;
            ISteps.Step memory step = ISteps.Step(head, new bytes32[](size), new bytes32[](0));
            for (uint256 i = 0; i < size; i++) {
                step.words[i] = roots[i];
            }
            outcome = this.take(step, party, role);
        }
    }
}
