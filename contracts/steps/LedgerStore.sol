// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {ISteps} from "../interfaces/ISteps.sol";
import {Heads} from "../libraries/Heads.sol";
import {States} from "../libraries/States.sol";

/// @title What the ledger stores and logs
/// @dev All storage of the ledger stands here, from slot 0; what comes from OpenZeppelin keeps to namespaces of its own.
/// An upgrade appends. What every life writes is one slot for an item, one for a dossier and one for a nullifier; the
/// rest is written by steps that few lives have.
abstract contract LedgerStore is ISteps {
    using Heads for bytes32;
    using States for uint256;

    /// @dev Who signed the list at hand, how far the ledger's number has come, and the party asked for last with its role:
    /// the steps of a transaction mostly name the same one.
    struct Author {
        uint32 party;
        IPartyRegistry.Role role;
        uint40 claimsUntil;
        uint64 sequence;
        uint32 named;
        IPartyRegistry.Role namedRole;
    }

    /// @dev The packed state. The rest is there for few items: the exceptions and the dossier of an exceptional one, the first
    /// item of the exchange that gave it, the item that it replaces.
    struct Item {
        uint256 state;
        uint256 exceptions;
        bytes16 dossier;
        bytes16 first;
        bytes16 replaced;
    }

    /// @dev The two declarations of an error in one comparison: hashes of what each said, the optician's corrected root,
    /// and the later claimed time.
    struct Declaration {
        bytes32 optician;
        bytes32 glassmaker;
        bytes32 root;
        uint40 claimedAt;
        uint8 inError;
    }

    /// @dev What each said of a substitution, as hashes; once they say the same the head, for its versions, and the roots.
    struct Substitution {
        bytes32 optician;
        bytes32 glassmaker;
        bytes32 head;
        bytes32 product;
        bytes32 supplements;
    }

    struct Lot {
        uint256 state;
        bytes32 root;
    }

    struct Nullifier {
        bytes16 bound;
        bytes16 shown;
    }

    uint64 internal _count;
    uint40 internal _pausedUntil;
    IPartyRegistry internal _registry;
    mapping(bytes16 item => Item) internal _items;
    mapping(bytes16 dossier => uint256) internal _dossiers;
    mapping(bytes32 nullifier => Nullifier) internal _nullifiers;

    /// @dev Identities that no state has a bit for.
    mapping(bytes32 identity => bool) internal _recorded;
    mapping(bytes16 item => Substitution) internal _substitutions;
    mapping(bytes16 item => mapping(uint256 comparison => Declaration)) internal _declarations;

    /// @dev The insurer that a request for cover names, by the request's identity.
    mapping(bytes32 identity => uint32) internal _covers;
    mapping(bytes16 lot => Lot) internal _lots;

    /// @dev Bit 0: a holder gave the lot to the party; bit 1: the party took it.
    mapping(bytes16 lot => mapping(uint32 party => uint8)) internal _transfers;

    /// @dev The identity of a step, as a key of `_recorded`.
    function _identity(bytes16 subject, uint8 kind, uint32 author, uint8 occurrence) internal pure returns (bytes32) {
        return keccak256(abi.encode(subject, kind, author, occurrence));
    }

    /// @dev Number and log a step that changes one state.
    function _log(Author memory author, bytes32 head, uint256 state, bytes32[] calldata words) internal {
        uint256 data = _logged(author, head, 1, words);
        assembly ("memory-safe") {
            mstore(add(data, 128), state)
        }
        _emit(head, data, 1 + words.length);
    }

    /// @dev Number and log a step that changes two states.
    function _log(Author memory author, bytes32 head, uint256 one, uint256 other, bytes32[] calldata words) internal {
        uint256 data = _logged(author, head, 2, words);
        assembly ("memory-safe") {
            mstore(add(data, 128), one)
            mstore(add(data, 160), other)
        }
        _emit(head, data, 2 + words.length);
    }

    /// @dev Number and log a step.
    function _log(Author memory author, bytes32 head, uint256[] memory states, bytes32[] calldata words) internal {
        uint256 size = states.length;
        uint256 data = _logged(author, head, size, words);
        for (uint256 i = 0; i < size; i++) {
            uint256 state = states[i];
            assembly ("memory-safe") {
                mstore(add(data, add(128, shl(5, i))), state)
            }
        }
        _emit(head, data, size + words.length);
    }

    /// @dev The data of the log, in memory that nobody else has, with room for so many states. It is what the compiler
    /// would encode for `StepRecorded`, written once: encoding copies every word again, 900 gas for each step.
    function _logged(Author memory author, bytes32 head, uint256 states, bytes32[] calldata words)
        private
        pure
        returns (uint256 data)
    {
        uint256 numbered = (states << 96) | (uint256(author.party) << 64) | ++author.sequence;
        assembly ("memory-safe") {
            data := mload(0x40)
            mstore(data, numbered)
            mstore(add(data, 32), head)
            mstore(add(data, 64), 96)
            mstore(add(data, 96), add(states, words.length))
            calldatacopy(add(data, add(128, shl(5, states))), words.offset, shl(5, words.length))
        }
    }

    /// @dev Emit `StepRecorded` from `data` whose content has `size` words.
    function _emit(bytes32 head, uint256 data, uint256 size) private {
        bytes32 topic = StepRecorded.selector;
        bytes32 subject = bytes32(head.subject());
        assembly ("memory-safe") {
            log2(data, add(128, shl(5, size)), topic, subject)
        }
    }

    /// @dev Bind `nullifier` to `item`, in `state`.
    /// @return the state, marked if another item stands behind the nullifier too
    function _bind(bytes32 nullifier, bytes16 item, uint256 state) internal returns (uint256) {
        Nullifier storage kept = _nullifiers[nullifier];
        Nullifier memory known = kept;
        if (known.bound == 0) kept.bound = item;
        return _withDuplicates(state, item, known);
    }

    /// @dev `item`, in `state`, is handed over under `nullifier`; which is remembered where nothing else tells.
    /// @return the state, marked if another item stands behind the nullifier too
    function _show(bytes32 nullifier, bytes16 item, uint256 state) internal returns (uint256) {
        Nullifier storage kept = _nullifiers[nullifier];
        Nullifier memory known = kept;
        if (known.shown == 0 && known.bound != item) kept.shown = item;
        return _withDuplicates(state, item, known);
    }

    /// @dev `item` was credited: `nullifier` may stand behind another one.
    function _free(bytes32 nullifier, bytes16 item) internal {
        Nullifier storage known = _nullifiers[nullifier];
        if (known.bound == item) known.bound = 0;
        if (known.shown == item) known.shown = 0;
    }

    function _withDuplicates(uint256 state, bytes16 item, Nullifier memory known) private returns (uint256) {
        state = _withDuplicate(state, item, known.bound);
        return known.shown == known.bound ? state : _withDuplicate(state, item, known.shown);
    }

    /// @dev Mark both, if `other` is an item and not this one.
    function _withDuplicate(uint256 state, bytes16 item, bytes16 other) private returns (uint256) {
        if (other == 0 || other == item) return state;
        uint256 marked = _items[other].state | States.DUPLICATE;
        _items[other].state = marked;
        emit DuplicateFound(other, marked);
        return state | States.DUPLICATE;
    }
}
