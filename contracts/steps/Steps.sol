// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {Shapes} from "../libraries/Shapes.sol";
import {DossierSteps} from "./DossierSteps.sol";
import {ItemSteps} from "./ItemSteps.sol";

/// @title What becomes of one step of a good list
/// @dev The order of judgement is part of the protocol: shape, who may, claimed time, repeat, then what the state says.
abstract contract Steps is ItemSteps, DossierSteps {
    using Heads for bytes16;
    using Heads for bytes32;

    /// @dev How far ahead of the block a step may be claimed, in seconds: clocks differ.
    uint256 private constant CLOCK_TOLERANCE = 15 minutes;

    /// @dev Judge `step` of `author`; record it if nothing stands against it.
    function _take(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes32 head = step.head;
        bytes32[] calldata words = step.words;
        if (!Shapes.isWellFormed(head, words)) return Outcome.Malformed;
        if (!_mayAuthor(author, head, words)) return Outcome.NotAllowed;
        if (head.claimedAt() > block.timestamp + CLOCK_TOLERANCE) return Outcome.ClaimedAhead;
        if (head.claimedAt() > author.claimsUntil) return Outcome.ClaimedAfterRetirement;

        uint8 kind = head.kind();
        if (kind == Kinds.QUOTED) return _takeQuote(author, head, words);
        if (kind == Kinds.INVOICED) return _takeInvoice(author, step);
        if (kind == Kinds.VERIFIED) return _takeVerification(author, step);
        return _takeItemStep(author, head, words, step.witness);
    }

    /// @dev Whether role and number of the author, and the parties that the step names, allow it in any state.
    function _mayAuthor(Author memory author, bytes32 head, bytes32[] calldata words) private view returns (bool) {
        uint8 kind = head.kind();
        if (kind == Kinds.MANUFACTURED || kind == Kinds.SHIPPED) return author.role == IPartyRegistry.Role.Glassmaker;
        if (kind == Kinds.VERIFIED) return author.role == IPartyRegistry.Role.Insurer;

        if (author.role != IPartyRegistry.Role.Optician || head.subject().creatorOf() != author.party) return false;
        if (kind == Kinds.QUOTED) {
            return bytes16(words[0]).creatorOf() == author.party
                && _isNobodyOr(head.glassmaker(), IPartyRegistry.Role.Glassmaker);
        }
        if (kind == Kinds.INVOICED) return _mayInvoice(author.party, head, words);
        return true;
    }

    /// @dev Whether the items of an invoice are `party`'s, and who it names are insurers.
    function _mayInvoice(uint32 party, bytes32 head, bytes32[] calldata words) private view returns (bool) {
        for (uint256 i = Kinds.INVOICE_HEADER; i < words.length; i += Kinds.INVOICE_WIDTH) {
            if (bytes16(words[i]).creatorOf() != party) return false;
        }
        return _isNobodyOr(head.firstInsurer(), IPartyRegistry.Role.Insurer)
            && _isNobodyOr(head.secondInsurer(), IPartyRegistry.Role.Insurer);
    }

    /// @dev Whether `party` is zero, or was admitted in `role`. Its state now does not matter: it may have been
    /// suspended or revoked since the step was claimed.
    function _isNobodyOr(uint32 party, IPartyRegistry.Role role) private view returns (bool) {
        if (party == 0) return true;
        (IPartyRegistry.Role given,) = _registry.partyOf(party);
        return given == role;
    }
}
