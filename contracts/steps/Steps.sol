// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {Shapes} from "../libraries/Shapes.sol";
import {DossierSteps} from "./DossierSteps.sol";
import {ItemSteps} from "./ItemSteps.sol";
import {LedgerStore} from "./LedgerStore.sol";
import {Naming} from "./Naming.sol";

/// @title What becomes of one step of a good list
/// @dev The order of judgement is part of the protocol: shape, who may, claimed time, then what the state says.
abstract contract Steps is ItemSteps, DossierSteps, Naming {
    using Heads for bytes16;
    using Heads for bytes32;

    /// @dev Judge `step` of `author`; record it if nothing stands against it.
    function _take(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        bytes32[] calldata words = step.words;
        uint8 kind = head.kind();
        if (kind > Kinds.MOUNTED) return _takeRare(author, step);
        if (kind == Kinds.QUOTED && words.length == 2) return _takeRare(author, step);

        if (kind == 0 || !Shapes.isWellFormed(head, words)) return Outcome.Malformed;
        if (!_mayAuthor(author, head, words)) return Outcome.NotAllowed;
        Outcome outcome = _judgeClaim(author, head);
        if (outcome != Outcome.Recorded) return outcome;

        if (kind == Kinds.QUOTED) return _takeQuote(author, head, words);
        if (kind == Kinds.INVOICED) return _takeInvoice(author, step);
        if (kind == Kinds.VERIFIED) return _takeVerification(author, head, words);
        return _takeItemStep(author, step);
    }

    /// @dev Whether role and number of the author, and the parties that the step names, allow it in any state.
    function _mayAuthor(Author memory author, bytes32 head, bytes32[] calldata words) private view returns (bool) {
        uint8 kind = head.kind();
        if (kind == Kinds.MANUFACTURED || kind == Kinds.SHIPPED || kind == Kinds.ACKNOWLEDGED) {
            return author.role == IPartyRegistry.Role.Glassmaker;
        }
        if (kind == Kinds.VERIFIED) return author.role == IPartyRegistry.Role.Insurer;

        if (!_isOpticianOf(author, head.subject())) return false;
        if (kind == Kinds.QUOTED) {
            return bytes16(words[0]).creatorOf() == author.party
                && _isNobodyOr(author, head.number(), IPartyRegistry.Role.Glassmaker);
        }
        if (kind == Kinds.INVOICED) return _mayInvoice(author, head, words);
        return true;
    }

    /// @dev Whether the items of an invoice are the author's, and who it names are insurers.
    function _mayInvoice(Author memory author, bytes32 head, bytes32[] calldata words) private view returns (bool) {
        for (uint256 i = Kinds.INVOICE_HEADER; i < words.length; i += Kinds.INVOICE_WIDTH) {
            if (bytes16(words[i]).creatorOf() != author.party) return false;
        }
        return _isNobodyOr(author, head.firstInsurer(), IPartyRegistry.Role.Insurer)
            && _isNobodyOr(author, head.secondInsurer(), IPartyRegistry.Role.Insurer);
    }
}
