// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "solady/src/utils/EIP712.sol";
import {SignatureCheckerLib} from "solady/src/utils/SignatureCheckerLib.sol";
import {IEquipmentLedger} from "./interfaces/IEquipmentLedger.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {Heads} from "./libraries/Heads.sol";
import {StepHash} from "./libraries/StepHash.sol";
import {Justice} from "./steps/Justice.sol";
import {RareCalls} from "./steps/RareCalls.sol";
import {Steps} from "./steps/Steps.sol";

/// @title The ledger of equipment, behind a proxy
/// @dev Decides which lists are good and hands their steps to `Steps`. Whoever the access manager allows to call a
/// restricted function is the council; the same holds for upgrades. The EIP-712 domain is the proxy's, so an upgrade
/// voids no signature.
contract EquipmentLedger is IEquipmentLedger, Steps, Justice, AccessManagedUpgradeable, UUPSUpgradeable, EIP712 {
    using Heads for bytes32;

    /// @dev How far ahead of the block a list's deadline may lie.
    uint256 private constant MAX_LIFETIME = 35 days;

    /// @dev How long a pause may last.
    uint256 private constant MAX_PAUSE = 30 days;

    /// @dev Gas for asking a contract whether it signed.
    uint256 private constant SIGNER_GAS = 100_000;

    /// @dev Nobody may initialise the implementation itself.
    /// @param rare the code of the rules that few lives need
    constructor(address rare) RareCalls(rare) {
        _disableInitializers();
    }

    /// @notice Put the ledger under `authority`, an access manager, and let it ask `parties`. Called once, by the
    /// proxy's constructor.
    function initialize(address authority, address parties) external initializer {
        __AccessManaged_init(authority);
        _registry = IPartyRegistry(parties);
    }

    /// @inheritdoc IEquipmentLedger
    function submit(SignedList[] calldata lists) external returns (bytes[] memory outcomes) {
        outcomes = new bytes[](lists.length);
        Author memory author;
        author.sequence = _count;
        bytes32 domain = _domainSeparator();
        for (uint256 i = 0; i < lists.length; i++) {
            outcomes[i] = _takeList(lists[i], domain, author);
        }
        _count = author.sequence;
    }

    /// @inheritdoc IEquipmentLedger
    function pause(uint40 until) external restricted {
        if (until > block.timestamp + MAX_PAUSE) revert EquipmentLedgerPauseTooLong(until);

        _pausedUntil = until;
        emit PausedUntil(until);
    }

    /// @inheritdoc IEquipmentLedger
    function count() external view returns (uint64) {
        return _count;
    }

    /// @inheritdoc IEquipmentLedger
    function itemOf(bytes16 item) external view returns (uint256 state, uint256 exceptions) {
        return (_items[item].state, _items[item].exceptions);
    }

    /// @inheritdoc IEquipmentLedger
    function bitsOf(bytes16 item) external view returns (uint16 mismatches, uint16 justified) {
        return _bitsOf(item);
    }

    /// @inheritdoc IEquipmentLedger
    function dossierOf(bytes16 dossier) external view returns (uint256 state) {
        return _dossiers[dossier];
    }

    /// @inheritdoc IEquipmentLedger
    function lotOf(bytes16 lot) external view returns (uint256 state, bytes32 root) {
        return (_lots[lot].state, _lots[lot].root);
    }

    /// @inheritdoc IEquipmentLedger
    function nullifierOf(bytes32 nullifier) external view returns (bytes16 bound, bytes16 shown) {
        return (_nullifiers[nullifier].bound, _nullifiers[nullifier].shown);
    }

    /// @inheritdoc IEquipmentLedger
    function registry() external view returns (address) {
        return address(_registry);
    }

    /// @notice Whether `signer`, a contract, says by ERC-1271 that it signed `digest`.
    /// @dev The ledger calls it on itself with a limit of gas: so a signer can burn no more than that, and whatever it
    /// answers, of any length, ends here as a yes or no.
    function isSignedBy(address signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return SignatureCheckerLib.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }

    /// @dev Judge a list; if it is good, take its steps one by one, as those of its author. Memory that a step
    /// used is used again by the next: what it grows to costs with its square, and would be a third of all gas.
    function _takeList(SignedList calldata list, bytes32 domain, Author memory author)
        private
        returns (bytes memory outcomes)
    {
        outcomes = new bytes(list.steps.length);
        uint256 free = _freeMemory();
        bytes32[] memory digests = StepHash.ofSteps(list.steps);
        bytes32 hash = StepHash.ofList(list.party, list.deadline, digests);
        Outcome verdict = _judgeList(list, hash, domain, author);
        if (verdict == Outcome.Recorded) {
            _takeSteps(list.steps, author, digests, outcomes);
        } else {
            for (uint256 i = 0; i < outcomes.length; i++) {
                outcomes[i] = bytes1(uint8(verdict));
            }
            emit ListSkipped(list.party, hash, verdict);
        }
        _freeFrom(free);
    }

    function _takeSteps(
        Step[] calldata steps,
        Author memory author,
        bytes32[] memory digests,
        bytes memory outcomes
    ) private {
        uint256 free = _freeMemory();
        for (uint256 i = 0; i < outcomes.length; i++) {
            Outcome outcome = _take(author, steps[i]);
            if (outcome != Outcome.Recorded) {
                outcomes[i] = bytes1(uint8(outcome));
                bytes32 head = steps[i].head;
                emit StepSkipped(head.subject(), author.party, outcome, head, digests[i]);
            }
            _freeFrom(free);
        }
    }

    /// @dev Where memory that nothing uses begins.
    function _freeMemory() private pure returns (uint256 free) {
        assembly ("memory-safe") {
            free := mload(0x40)
        }
    }

    /// @dev Give back the memory from `free` on: nothing that was put there since is used any more.
    function _freeFrom(uint256 free) private pure {
        assembly ("memory-safe") {
            mstore(0x40, free)
        }
    }

    /// @dev What stands against the whole list, if anything; else `author` is who signed it.
    function _judgeList(SignedList calldata list, bytes32 hash, bytes32 domain, Author memory author)
        private
        view
        returns (Outcome)
    {
        if (list.steps.length == 0) return Outcome.Malformed;
        if (block.timestamp > list.deadline) return Outcome.Expired;
        if (list.deadline > block.timestamp + MAX_LIFETIME) return Outcome.DeadlineTooFar;
        if (block.timestamp < _pausedUntil) return Outcome.Paused;

        IPartyRegistry.Authority memory key = _registry.authorityOf(list.signer);
        if (key.party != list.party || !_isGood(key)) return Outcome.KeyNotGood;
        if (!_isSigned(list, keccak256(abi.encodePacked(hex"1901", domain, hash)))) return Outcome.BadSignature;
        if (key.partyState == IPartyRegistry.PartyState.Suspended) return Outcome.PartySuspended;

        author.party = key.party;
        author.role = key.role;
        author.claimsUntil = key.keyState == IPartyRegistry.KeyState.Retired ? key.retiredAt : type(uint40).max;
        return Outcome.Recorded;
    }

    /// @dev Whether the key may still sign for its party; a suspended party's may, and its lists wait.
    function _isGood(IPartyRegistry.Authority memory key) private view returns (bool) {
        if (key.partyState == IPartyRegistry.PartyState.Revoked) return false;
        if (key.keyState == IPartyRegistry.KeyState.Active) return true;
        if (key.keyState != IPartyRegistry.KeyState.Retired) return false;
        return block.timestamp <= uint256(key.retiredAt) + _registry.GRACE();
    }

    /// @dev Whether the signer signed `digest`, as an account or as a contract.
    function _isSigned(SignedList calldata list, bytes32 digest) private view returns (bool) {
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, list.signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == list.signer) return true;
        // A relayer cannot make a contract's good signature look bad by bringing little gas: if the call gets less than
        // its limit, a 64th of it is left afterwards, which does not pay the log of a skipped list.
        try this.isSignedBy{gas: SIGNER_GAS}(list.signer, digest, list.signature) returns (bool signed) {
            return signed;
        } catch {
            return false;
        }
    }

    /// @dev An upgrade is the council's, like every other change.
    function _authorizeUpgrade(address) internal override restricted {}

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("OptiTrace", "1");
    }
}
