// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Kinds} from "./Kinds.sol";

/// @title The packed states of items and dossiers
/// @dev Layouts in `IEquipmentLedger`.
library States {
    /// @dev Item: its nullifier stands behind another item too, or it was both manufactured and drawn.
    uint256 internal constant DUPLICATE = 1 << 48;

    /// @dev Item: another one replaces it.
    uint256 internal constant REPLACED = 1 << 49;

    /// @dev Item: it replaces another one.
    uint256 internal constant REPLACEMENT = 1 << 50;

    /// @dev Item: it replaces one of another glassmaker, so no quote is comparable.
    uint256 internal constant UNQUOTED = 1 << 51;

    /// @dev Item: made under warranty, says its glassmaker.
    uint256 internal constant WARRANTY = 1 << 52;

    /// @dev Item: an exchange gave it the first item's invoice.
    uint256 internal constant INHERITED = 1 << 53;

    /// @dev Item: the first one of an exchange.
    uint256 internal constant EXCHANGED_AWAY = 1 << 54;

    /// @dev Item: two sides of a comparison were committed under different versions.
    uint256 internal constant INCOMPARABLE = 1 << 55;

    /// @dev Item: there is an exceptions word.
    uint256 internal constant EXCEPTIONAL = 1 << 56;

    /// @dev Item: no invoice covers it, nothing took its place, nobody cancelled or credited it.
    uint256 internal constant OPEN = 1 << 57;

    /// @dev Item: when it was quoted, an invoice covered the item that it replaces.
    uint256 internal constant RELIEVED = 1 << 58;

    /// @dev Item: the mismatches that an invoice is one side of, comparisons 5 to 11.
    uint256 internal constant OF_INVOICES = 0xFE0 << 32;

    /// @dev Dossier: the first insurer's check of occurrence 0 is recorded.
    uint256 internal constant FIRST_CHECK = 1 << 80;

    /// @dev How many items the 16 bits of a dossier can count.
    uint256 internal constant MAX_QUOTED = type(uint16).max;

    uint256 private constant _STANDING = 24;
    uint256 private constant _MISMATCHES = 32;
    uint256 private constant _GLASSMAKER = 64;
    uint256 private constant _TABLE = 96;
    uint256 private constant _QUOTED = 32;
    uint256 private constant _OPEN = 48;
    uint256 private constant _INVOICES = 64;
    uint256 private constant _WHOLES = 72;
    uint256 private constant _BREAKAGES = 88;
    uint256 private constant _FIRST_INSURER = 96;
    uint256 private constant _SECOND_INSURER = 128;
    uint256 private constant _CHECKED = 160;

    // ------------------------------------------------------------------------------------------- both

    /// @dev Whether a step of `kind` is recorded.
    function has(uint256 state, uint8 kind) internal pure returns (bool) {
        return state & (1 << kind) != 0;
    }

    /// @dev The state with a step of `kind`.
    function withStep(uint256 state, uint8 kind) internal pure returns (uint256) {
        return state | (1 << kind);
    }

    // ------------------------------------------------------------------------------------------- items

    function glassmakerOf(uint256 item) internal pure returns (uint32) {
        return uint32(item >> _GLASSMAKER);
    }

    function withGlassmaker(uint256 item, uint32 glassmaker) internal pure returns (uint256) {
        return item | (uint256(glassmaker) << _GLASSMAKER);
    }

    /// @dev The last 160 bits of the hash of the table.
    function tableOf(uint256 item) internal pure returns (uint160) {
        return uint160(item >> _TABLE);
    }

    function withTable(uint256 item, uint160 hash) internal pure returns (uint256) {
        return uint96(item) | (uint256(hash) << _TABLE);
    }

    function mismatchesOf(uint256 item) internal pure returns (uint16) {
        return uint16(item >> _MISMATCHES);
    }

    /// @dev The state after comparisons: `bits` 0 to 12 are mismatches, bit 16 marks it incomparable.
    function withCompared(uint256 item, uint256 bits) internal pure returns (uint256) {
        if (bits >> 16 != 0) item |= INCOMPARABLE;
        return item | ((bits & 0xFFFF) << _MISMATCHES);
    }

    /// @dev The item's own invoices that stand, by occurrence.
    function standingOf(uint256 item) internal pure returns (uint8) {
        return uint8(item >> _STANDING);
    }

    function withInvoice(uint256 item, uint8 occurrence) internal pure returns (uint256) {
        return item | (1 << (_STANDING + occurrence));
    }

    function withoutInvoice(uint256 item, uint8 occurrence) internal pure returns (uint256) {
        return item & ~(uint256(1) << (_STANDING + occurrence));
    }

    /// @dev How many invoices stand, an inherited one counted.
    function invoicesOf(uint256 item) internal pure returns (uint256) {
        return invoicesBefore(item, 8);
    }

    /// @dev How many invoices of an occurrence below `occurrence` stand, an inherited one counted.
    function invoicesBefore(uint256 item, uint8 occurrence) internal pure returns (uint256 invoices) {
        uint256 mask = standingOf(item) & ((uint256(1) << occurrence) - 1);
        unchecked {
            if (item & INHERITED != 0) invoices = 1;
            for (; mask != 0; mask &= mask - 1) {
                invoices++;
            }
        }
    }

    /// @dev The item's state with its mark of being open as everything else in it has it.
    function settled(uint256 item) internal pure returns (uint256) {
        uint256 closing = REPLACED | RELIEVED | (1 << Kinds.CANCELLED) | (1 << Kinds.CREDITED);
        return item & closing == 0 && invoicesOf(item) == 0 ? item | OPEN : item & ~OPEN;
    }

    // ------------------------------------------------------------------------------------------- dossiers

    /// @dev The dossier's state with one more item quoted.
    function withQuoted(uint256 dossier) internal pure returns (uint256) {
        return dossier + (1 << _QUOTED);
    }

    function quotedOf(uint256 dossier) internal pure returns (uint16) {
        return uint16(dossier >> _QUOTED);
    }

    /// @dev The dossier's state when an item of it goes from `before` to `afterwards`: one more open, or one less.
    function withOpen(uint256 dossier, uint256 before, uint256 afterwards) internal pure returns (uint256) {
        if ((before ^ afterwards) & OPEN == 0) return dossier;
        return afterwards & OPEN != 0 ? dossier + (1 << _OPEN) : dossier - (1 << _OPEN);
    }

    function hasInvoice(uint256 dossier, uint8 occurrence) internal pure returns (bool) {
        return dossier & (1 << (_INVOICES + occurrence)) != 0;
    }

    /// @dev The dossier's state with that invoice; `whole` if it does not say partial.
    function withInvoice(uint256 dossier, uint8 occurrence, bool whole) internal pure returns (uint256) {
        dossier |= 1 << (_INVOICES + occurrence);
        return whole ? dossier | (1 << (_WHOLES + occurrence)) : dossier;
    }

    /// @dev The dossier's state named by one more breakage replacement; 255 and more are 255.
    function withBreakage(uint256 dossier) internal pure returns (uint256) {
        return uint8(dossier >> _BREAKAGES) == type(uint8).max ? dossier : dossier + (1 << _BREAKAGES);
    }

    function firstInsurerOf(uint256 dossier) internal pure returns (uint32) {
        return uint32(dossier >> _FIRST_INSURER);
    }

    function secondInsurerOf(uint256 dossier) internal pure returns (uint32) {
        return uint32(dossier >> _SECOND_INSURER);
    }

    /// @dev Whether an invoice of the dossier names `insurer`.
    function names(uint256 dossier, uint32 insurer) internal pure returns (bool) {
        return insurer == firstInsurerOf(dossier) || insurer == secondInsurerOf(dossier);
    }

    /// @dev The dossier's state naming these insurers too, and whether there was room: two at most, over all invoices.
    function withInsurers(uint256 dossier, uint32 first, uint32 second) internal pure returns (uint256 state, bool fit) {
        (state, fit) = _withInsurer(dossier, first);
        if (fit) (state, fit) = _withInsurer(state, second);
    }

    /// @dev Earliest claimed time of a check; zero before the first.
    function checkedAt(uint256 dossier) internal pure returns (uint40) {
        return uint40(dossier >> _CHECKED);
    }

    /// @dev The dossier's state after a check claimed at `time`.
    function withCheck(uint256 dossier, uint40 time) internal pure returns (uint256) {
        uint40 earliest = checkedAt(dossier);
        if (earliest != 0 && earliest <= time) return dossier;
        return (dossier & ~(uint256(type(uint40).max) << _CHECKED)) | (uint256(time) << _CHECKED);
    }

    /// @dev Zero names nobody.
    function _withInsurer(uint256 dossier, uint32 insurer) private pure returns (uint256 state, bool fits) {
        uint32 first = firstInsurerOf(dossier);
        uint32 second = secondInsurerOf(dossier);
        if (insurer == 0 || insurer == first || insurer == second) return (dossier, true);
        if (first == 0) return (dossier | (uint256(insurer) << _FIRST_INSURER), true);
        if (second == 0) return (dossier | (uint256(insurer) << _SECOND_INSURER), true);
        return (dossier, false);
    }
}
