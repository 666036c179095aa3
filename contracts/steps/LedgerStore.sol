// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEquipmentLedger} from "../interfaces/IEquipmentLedger.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Heads} from "../libraries/Heads.sol";

/// @title What the ledger stores and logs
/// @dev All storage of the ledger stands here, from slot 0; what comes from OpenZeppelin keeps to namespaces of its own.
/// An upgrade appends. Sizes are chosen so that each state is one slot.
abstract contract LedgerStore is IEquipmentLedger {
    using Heads for bytes32;

    /// @dev Who signed the list at hand, and how far the numbers have come.
    struct Author {
        uint32 party;
        IPartyRegistry.Role role;
        uint40 claimsUntil;
        uint64 sequence;
        uint64 partySequence;
    }

    /// @dev The packed state, and the hash of the table of roots.
    struct Item {
        uint256 state;
        bytes32 roots;
    }

    uint64 internal _count;
    uint40 internal _pausedUntil;
    IPartyRegistry internal _registry;
    mapping(uint32 party => uint64) internal _counts;
    mapping(bytes16 item => Item) internal _items;
    mapping(bytes16 dossier => uint256) internal _dossiers;

    /// @dev Identities that a dossier's state has no bit for: any occurrence but 0, and the second insurer's.
    mapping(bytes32 identity => bool) internal _recorded;

    /// @dev The identity of a step, as a key of `_recorded`.
    function _identity(bytes16 subject, uint8 kind, uint32 author, uint8 occurrence) internal pure returns (bytes32) {
        return keccak256(abi.encode(subject, kind, author, occurrence));
    }

    /// @dev Number and log a step on an item.
    function _logItemStep(
        Author memory author,
        bytes32 head,
        bytes32[] calldata words,
        uint256 state,
        uint256 dossier
    ) internal {
        emit ItemStepRecorded(
            head.subject(),
            author.party,
            ++author.sequence,
            ++author.partySequence,
            head,
            state,
            dossier,
            words
        );
    }

    /// @dev Number and log a step on a dossier.
    function _logDossierStep(
        Author memory author,
        bytes32 head,
        bytes32[] calldata words,
        uint256 state,
        uint256[] memory states
    ) internal {
        emit DossierStepRecorded(
            head.subject(),
            author.party,
            ++author.sequence,
            ++author.partySequence,
            head,
            state,
            words,
            states
        );
    }
}
