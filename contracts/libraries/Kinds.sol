// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";

/// @title The kinds of step as bytes, and what a dossier step may hold
/// @dev The numbers of `ISteps.Kind`. A head's first byte may be any byte, and converting one that is no
/// kind into the enumeration would revert; so the rules compare bytes.
library Kinds {
    uint8 internal constant QUOTED = uint8(ISteps.Kind.Quoted);
    uint8 internal constant ORDERED = uint8(ISteps.Kind.Ordered);
    uint8 internal constant MANUFACTURED = uint8(ISteps.Kind.Manufactured);
    uint8 internal constant SHIPPED = uint8(ISteps.Kind.Shipped);
    uint8 internal constant RECEIVED = uint8(ISteps.Kind.Received);
    uint8 internal constant DELIVERED = uint8(ISteps.Kind.Delivered);
    uint8 internal constant INVOICED = uint8(ISteps.Kind.Invoiced);
    uint8 internal constant VERIFIED = uint8(ISteps.Kind.Verified);
    uint8 internal constant ACKNOWLEDGED = uint8(ISteps.Kind.Acknowledged);
    uint8 internal constant MOUNTED = uint8(ISteps.Kind.Mounted);
    uint8 internal constant DRAWN = uint8(ISteps.Kind.Drawn);
    uint8 internal constant SUBSTITUTED = uint8(ISteps.Kind.Substituted);
    uint8 internal constant CANCELLED = uint8(ISteps.Kind.Cancelled);
    uint8 internal constant REFUSED_ON_ARRIVAL = uint8(ISteps.Kind.RefusedOnArrival);
    uint8 internal constant BROKEN_AT_EDGING = uint8(ISteps.Kind.BrokenAtEdging);
    uint8 internal constant RETURNED = uint8(ISteps.Kind.Returned);
    uint8 internal constant CREDITED = uint8(ISteps.Kind.Credited);
    uint8 internal constant EXCHANGED = uint8(ISteps.Kind.Exchanged);
    uint8 internal constant ERROR_DECLARED = uint8(ISteps.Kind.ErrorDeclared);
    uint8 internal constant ERASED = uint8(ISteps.Kind.Erased);
    uint8 internal constant DECIDED = uint8(ISteps.Kind.Decided);
    uint8 internal constant ANSWERED = uint8(ISteps.Kind.Answered);
    uint8 internal constant COVER_REQUESTED = uint8(ISteps.Kind.CoverRequested);
    uint8 internal constant COVER_ANSWERED = uint8(ISteps.Kind.CoverAnswered);
    uint8 internal constant COVER_CANCELLED = uint8(ISteps.Kind.CoverCancelled);
    uint8 internal constant BREAKAGE_REPLACED = uint8(ISteps.Kind.BreakageReplaced);
    uint8 internal constant RENEWAL_STATED = uint8(ISteps.Kind.RenewalStated);
    uint8 internal constant WITHDRAWN = uint8(ISteps.Kind.Withdrawn);
    uint8 internal constant OPENING_DEMANDED = uint8(ISteps.Kind.OpeningDemanded);
    uint8 internal constant LOT_SHIPPED = uint8(ISteps.Kind.LotShipped);
    uint8 internal constant LOT_TRANSFERRED = uint8(ISteps.Kind.LotTransferred);

    /// @dev Items in one dossier step, at most.
    uint256 internal constant MAX_ITEMS = 16;

    /// @dev Words before the first item of `Invoiced`: claim, renewal.
    uint256 internal constant INVOICE_HEADER = 2;

    /// @dev Words for each item of `Invoiced`: item, product, supplements, coding, price.
    uint256 internal constant INVOICE_WIDTH = 5;

    /// @dev Words of `Drawn` before the siblings: lot, nullifier, five roots.
    uint256 internal constant UNIT_WORDS = 7;

    /// @dev Siblings of a unit, at most: a lot has no more than 2^32 units.
    uint256 internal constant MAX_SIBLINGS = 32;

    /// @dev Invoices of a dossier, at most: one bit each.
    uint256 internal constant MAX_INVOICES = 8;

    /// @dev A bit for each group by its number, 1 to 12.
    uint256 internal constant GROUP_BITS = 0x1ffe;

    /// @dev Comparisons.
    uint256 internal constant COMPARISONS = 13;

    /// @dev A bit for each kind that records what a dossier, not an item, is about or that belongs to a lot.
    function isOfItem(uint8 kind) internal pure returns (bool) {
        return kind != INVOICED && kind != VERIFIED && kind <= ERASED;
    }
}
