// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Heads} from "./Heads.sol";
import {Kinds} from "./Kinds.sol";
import {Shapes} from "./Shapes.sol";
import {Sides} from "./Sides.sol";

/// @title Whether a step that few lives have is well formed
/// @dev Judges head and words alone, without state, and never reverts; kinds from `Drawn` on.
library RareShapes {
    using Heads for bytes32;

    /// @dev True if `head` and `words` have the shape of a step of a kind from `Drawn` on.
    function isWellFormed(bytes32 head, bytes32[] calldata words) internal pure returns (bool) {
        uint8 kind = head.kind();
        if (head.subject() == 0 || kind < Kinds.DRAWN || kind > Kinds.LOT_TRANSFERRED) return false;
        if (kind == Kinds.ERROR_DECLARED) return _isDeclaration(head, words);
        if (kind == Kinds.ERASED) return _isErasure(head) && words.length == 0;
        if (Kinds.isOfItem(kind) && head.occurrence() != 0) return false;
        if (kind <= Kinds.SUBSTITUTED) return _isMade(kind, head.detail(), words);
        if (kind <= Kinds.EXCHANGED) return _isException(kind, head, words);
        if (kind >= Kinds.LOT_SHIPPED) return _isOfLot(kind, head, words);
        return _isOfDossier(kind, head, words);
    }

    /// @dev Drawn and substituted.
    function _isMade(uint8 kind, uint72 detail, bytes32[] calldata words) private pure returns (bool) {
        if (kind == Kinds.SUBSTITUTED) {
            return words.length == 2 && Shapes.areVersions(detail, 2) && Shapes.areRoots(words, 0);
        }
        if (words.length < Kinds.UNIT_WORDS || words.length > Kinds.UNIT_WORDS + Kinds.MAX_SIBLINGS) return false;
        if (uint40(detail) != Shapes.VERSIONS_OF_TWO || !Shapes.isId(words[0])) return false;
        for (uint256 i = 1; i < Kinds.UNIT_WORDS; i++) {
            if (words[i] == 0) return false;
        }
        return true;
    }

    /// @dev From cancelled to exchanged: a reason, and a word for two of them.
    function _isException(uint8 kind, bytes32 head, bytes32[] calldata words) private pure returns (bool) {
        if (head.first() == 0 || uint64(head.detail()) != 0) return false;
        if (kind == Kinds.CREDITED) return words.length == 1 && words[0] != 0;
        if (kind == Kinds.EXCHANGED) return words.length == 1 && Shapes.isId(words[0]);
        return words.length == 0;
    }

    function _isDeclaration(bytes32 head, bytes32[] calldata words) private pure returns (bool) {
        uint8 inError = head.first();
        uint8 nature = head.second();
        if (uint56(head.detail()) != 0 || !Sides.isSideOf(inError, head.occurrence())) return false;
        if (nature == 2) return words.length == 1 && words[0] != 0;
        bool mayNotHaveOccurred =
            inError == Kinds.ORDERED || inError == Kinds.MANUFACTURED || inError == Kinds.DELIVERED;
        return nature == 1 && mayNotHaveOccurred && words.length == 0;
    }

    function _isOfLot(uint8 kind, bytes32 head, bytes32[] calldata words) private pure returns (bool) {
        if (head.number() == 0 || uint40(head.detail()) != 0) return false;
        if (kind == Kinds.LOT_TRANSFERRED) return words.length == 0;
        return head.occurrence() == 0 && words.length == 1 && words[0] != 0;
    }

    /// @dev The whole record, or the groups of which the detail has the bits.
    function _isErasure(bytes32 head) private pure returns (bool) {
        uint256 groups = head.detail() >> 56;
        bool known = groups & ~Kinds.GROUP_BITS == 0 && uint56(head.detail()) == 0;
        return known && (groups == 0) == (head.occurrence() == 0);
    }

    /// @dev The rarer steps on a dossier.
    function _isOfDossier(uint8 kind, bytes32 head, bytes32[] calldata words) private pure returns (bool) {
        uint72 detail = head.detail();
        if (kind == Kinds.DECIDED) return _isDecision(head) && words.length == 0;
        if (kind == Kinds.COVER_CANCELLED) return uint64(detail) == 0 && words.length == 0;
        if (kind == Kinds.WITHDRAWN) return _isWithdrawal(head, words);
        if (words.length != 1 || words[0] == 0) return false;
        if (kind == Kinds.ANSWERED) {
            uint8 answered = head.kindAnswered();
            return head.number() != 0 && uint24(detail) == 0
                && (answered == Kinds.DECIDED || answered == Kinds.OPENING_DEMANDED);
        }
        if (kind == Kinds.COVER_REQUESTED) return head.number() != 0 && uint40(detail) == 0;
        if (kind == Kinds.COVER_ANSWERED) return head.first() != 0 && head.first() <= 3 && uint56(detail) == 0;
        if (kind == Kinds.OPENING_DEMANDED) {
            return head.first() != 0 && head.first() <= 7 && uint64(detail) == 0 && Shapes.isId(words[0]);
        }
        if (detail != 0) return false;
        return kind == Kinds.RENEWAL_STATED || (Shapes.isId(words[0]) && bytes16(words[0]) != head.subject());
    }

    function _isDecision(bytes32 head) private pure returns (bool) {
        uint8 decision = head.first();
        if (decision == 0 || decision > 4 || head.second() == 0 || uint8(head.detail()) != 0) return false;
        return (head.deadline() != 0) == (decision == 2);
    }

    function _isWithdrawal(bytes32 head, bytes32[] calldata words) private pure returns (bool) {
        if (head.first() >= Kinds.MAX_INVOICES || uint64(head.detail()) != 0) return false;
        if (words.length == 0 || words.length > Kinds.MAX_ITEMS) return false;
        for (uint256 i = 0; i < words.length; i++) {
            if (!Shapes.isId(words[i])) return false;
        }
        return Shapes.areDistinct(words, 0, 1);
    }
}
