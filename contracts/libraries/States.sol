// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The packed states of items and dossiers
/// @dev Layouts in `IEquipmentLedger`. Both begin alike: kinds (32), two fields of 16, flags (16), sequence (32).
library States {
    /// @dev Item: invoiced twice.
    uint256 internal constant INVOICED_TWICE = 1 << 64;

    /// @dev Dossier: an item was left out of an invoice that did not say partial, or joined after it.
    uint256 internal constant HIDDEN = 1 << 64;

    /// @dev Dossier: an invoice that did not say partial is recorded.
    uint256 internal constant WHOLE = 1 << 65;

    /// @dev Dossier: the invoice of occurrence 0 is recorded.
    uint256 internal constant INVOICE_ZERO = 1 << 66;

    /// @dev Dossier: the verification of occurrence 0 by the first insurer is recorded.
    uint256 internal constant VERIFICATION_ZERO = 1 << 67;

    /// @dev How many items the 16 bits of a dossier can count.
    uint256 internal constant MAX_QUOTED = type(uint16).max;

    uint256 private constant _MISMATCHES = 32;
    uint256 private constant _QUOTED = 32;
    uint256 private constant _INVOICED = 48;
    uint256 private constant _SEQUENCE = 80;
    uint256 private constant _GLASSMAKER = 112;
    uint256 private constant _DOSSIER = 144;
    uint256 private constant _FIRST_INSURER = 112;
    uint256 private constant _SECOND_INSURER = 144;

    /// @dev The state with one more step, of `kind`.
    function withStep(uint256 state, uint8 kind) internal pure returns (uint256) {
        return (state | (1 << kind)) + (1 << _SEQUENCE);
    }

    /// @dev Whether a step of `kind` is recorded.
    function has(uint256 state, uint8 kind) internal pure returns (bool) {
        return state & (1 << kind) != 0;
    }

    /// @dev State of an item before its first step: `glassmaker` and `dossier` are its for good.
    function newItem(uint32 glassmaker, bytes16 dossier) internal pure returns (uint256) {
        return (uint256(glassmaker) << _GLASSMAKER) | (uint256(uint96(uint128(dossier))) << _DOSSIER);
    }

    function glassmakerOf(uint256 item) internal pure returns (uint32) {
        return uint32(item >> _GLASSMAKER);
    }

    /// @dev Identifier of the dossier of `item`, whose state is `state`: one optician made both.
    function dossierOf(bytes16 item, uint256 state) internal pure returns (bytes16) {
        return bytes16((uint128(bytes16(bytes4(item)))) | uint96(state >> _DOSSIER));
    }

    /// @dev The item's state with `bits` set among its mismatches, beside those that are.
    function withMismatches(uint256 item, uint256 bits) internal pure returns (uint256) {
        return item | (bits << _MISMATCHES);
    }

    /// @dev The dossier's state with one more item quoted.
    function withQuoted(uint256 dossier) internal pure returns (uint256) {
        return dossier + (1 << _QUOTED);
    }

    function quotedOf(uint256 dossier) internal pure returns (uint16) {
        return uint16(dossier >> _QUOTED);
    }

    /// @dev The dossier's state after an invoice of `items` of its items, `newly` of them not invoiced before; `whole`
    /// if the invoice does not say partial.
    function withInvoice(uint256 dossier, uint256 items, uint256 newly, bool whole) internal pure returns (uint256) {
        dossier += newly << _INVOICED;
        if (!whole) return dossier;
        return items < quotedOf(dossier) ? dossier | WHOLE | HIDDEN : dossier | WHOLE;
    }

    function firstInsurerOf(uint256 dossier) internal pure returns (uint32) {
        return uint32(dossier >> _FIRST_INSURER);
    }

    function secondInsurerOf(uint256 dossier) internal pure returns (uint32) {
        return uint32(dossier >> _SECOND_INSURER);
    }

    /// @dev The dossier's state naming these insurers too, and whether there was room: two at most, over all invoices.
    function withInsurers(uint256 dossier, uint32 first, uint32 second) internal pure returns (uint256 state, bool fit) {
        (state, fit) = _withInsurer(dossier, first);
        if (fit) (state, fit) = _withInsurer(state, second);
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
