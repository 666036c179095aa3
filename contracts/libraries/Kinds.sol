// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEquipmentLedger} from "../interfaces/IEquipmentLedger.sol";

/// @title The kinds of step as bytes, and what a dossier step may hold
/// @dev The numbers of `IEquipmentLedger.Kind`. A head's first byte may be any byte, and converting one that is no
/// kind into the enumeration would revert; so the rules compare bytes.
library Kinds {
    uint8 internal constant QUOTED = uint8(IEquipmentLedger.Kind.Quoted);
    uint8 internal constant ORDERED = uint8(IEquipmentLedger.Kind.Ordered);
    uint8 internal constant MANUFACTURED = uint8(IEquipmentLedger.Kind.Manufactured);
    uint8 internal constant SHIPPED = uint8(IEquipmentLedger.Kind.Shipped);
    uint8 internal constant RECEIVED = uint8(IEquipmentLedger.Kind.Received);
    uint8 internal constant DELIVERED = uint8(IEquipmentLedger.Kind.Delivered);
    uint8 internal constant INVOICED = uint8(IEquipmentLedger.Kind.Invoiced);
    uint8 internal constant VERIFIED = uint8(IEquipmentLedger.Kind.Verified);

    /// @dev Items in one dossier step, at most.
    uint256 internal constant MAX_ITEMS = 16;

    /// @dev Words before the first item of `Invoiced`: claim, renewal.
    uint256 internal constant INVOICE_HEADER = 2;

    /// @dev Words for each item of `Invoiced`: item, product, supplements, coding, price.
    uint256 internal constant INVOICE_WIDTH = 5;
}
