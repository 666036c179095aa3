// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {Naming} from "../steps/Naming.sol";

/// @title Who may sign a rare step, whatever is recorded
abstract contract RareAuthors is Naming {
    using Heads for bytes16;
    using Heads for bytes32;

    /// @dev Whether role and number of the author, and the parties that the step names, allow it in any state.
    function _mayAuthor(Author memory author, bytes32 head, bytes32[] calldata words) internal view returns (bool) {
        uint8 kind = head.kind();
        IPartyRegistry.Role role = author.role;
        if (kind == Kinds.LOT_SHIPPED) {
            return role == IPartyRegistry.Role.Glassmaker && head.subject().creatorOf() == author.party
                && _isNobodyOr(author, head.number(), IPartyRegistry.Role.Optician);
        }
        if (kind == Kinds.LOT_TRANSFERRED) {
            return role == IPartyRegistry.Role.Optician
                && _isNobodyOr(author, head.number(), IPartyRegistry.Role.Optician);
        }
        if (kind == Kinds.CREDITED) return role == IPartyRegistry.Role.Glassmaker;
        if (kind == Kinds.DECIDED || kind == Kinds.COVER_ANSWERED) return role == IPartyRegistry.Role.Insurer;
        if (kind == Kinds.OPENING_DEMANDED) {
            return role == IPartyRegistry.Role.Insurer || role == IPartyRegistry.Role.Auditor;
        }
        if (role == IPartyRegistry.Role.Glassmaker && _isJoint(kind, head.occurrence())) return true;
        if (role == IPartyRegistry.Role.Insurer && kind == Kinds.ERASED) return true;
        return _isOpticianOf(author, head.subject()) && _mayName(author, head, words);
    }

    /// @dev Kinds that a glassmaker signs as well as an optician.
    function _isJoint(uint8 kind, uint8 occurrence) private pure returns (bool) {
        if (kind == Kinds.ERROR_DECLARED) return occurrence < 8 || occurrence == 12;
        return kind == Kinds.SUBSTITUTED || kind == Kinds.CANCELLED || kind == Kinds.ERASED;
    }

    /// @dev Whether what the optician names in the step is its own, or in the role that the step gives it.
    function _mayName(Author memory author, bytes32 head, bytes32[] calldata words) private view returns (bool) {
        uint8 kind = head.kind();
        if (kind == Kinds.QUOTED) {
            return bytes16(words[0]).creatorOf() == author.party && bytes16(words[1]).creatorOf() == author.party
                && _isNobodyOr(author, head.number(), IPartyRegistry.Role.Glassmaker);
        }
        if (kind == Kinds.EXCHANGED) return bytes16(words[0]).creatorOf() == author.party;
        if (kind == Kinds.COVER_REQUESTED) return _isNobodyOr(author, head.number(), IPartyRegistry.Role.Insurer);
        if (kind == Kinds.ANSWERED) {
            return _isNobodyOr(author, head.number(), IPartyRegistry.Role.Insurer)
                || _isNobodyOr(author, head.number(), IPartyRegistry.Role.Auditor);
        }
        if (kind == Kinds.WITHDRAWN) {
            for (uint256 i = 0; i < words.length; i++) {
                if (bytes16(words[i]).creatorOf() != author.party) return false;
            }
        }
        return true;
    }
}
