// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Kinds} from "./Kinds.sol";
import {States} from "./States.sol";

/// @title The table of an item, and the witness that brings it
/// @dev Places, sections and witnesses in `IEquipmentLedger`. The ledger stores the hash of the table alone; whoever
/// relays a step brings the table. A section is hashed and read where it lies in the calldata.
library Tables {
    using States for uint256;

    uint256 internal constant QUOTED = 1;
    uint256 internal constant ORDERED = 2;
    uint256 internal constant MADE = 3;
    uint256 internal constant DEVICE = 4;
    uint256 internal constant DELIVERED = 5;
    uint256 internal constant DRAWN = 6;
    uint256 internal constant INVOICED = 7;

    /// @dev Beside the places that are expanded: the invoices' sections are listed by their hashes.
    uint256 internal constant LISTED = 1 << 8;

    /// @dev Words of an invoice's section: the item's word and four roots.
    uint256 private constant _INVOICE = 5;

    /// @dev A step's head, and where in the calldata its roots begin; zero where there is no such section.
    struct Section {
        bytes32 head;
        uint256 roots;
    }

    /// @dev A table as read from a witness: the eight places, where in the calldata the expanded sections begin (zero for
    /// none), where in the witness the invoices' words begin, and where the table ends.
    struct Table {
        bytes32[8] places;
        uint256[8] sections;
        uint256 invoices;
        uint256 end;
    }

    /// @dev Read the table of an item in `state` from `witness`, beginning at `start`.
    /// @param expanded bit n for a place n that comes expanded, and `LISTED`
    /// @param dossier the dossier's identifier as a word; zero if the witness brings it
    /// @return table of no meaning if the witness is too short: then its end is beyond the witness's
    function read(uint256 state, bytes32[] calldata witness, uint256 start, uint256 expanded, bytes32 dossier)
        internal
        pure
        returns (Table memory table)
    {
        table.end = start;
        if (dossier != 0) table.places[0] = dossier;
        else _take(table, 0, 1, 0, witness);
        if (state & States.UNQUOTED == 0) _take(table, QUOTED, _INVOICE, expanded, witness);
        if (state.has(Kinds.ORDERED)) _take(table, ORDERED, 4, expanded, witness);
        if (state.has(Kinds.MANUFACTURED)) {
            _take(table, MADE, 5, expanded, witness);
            _take(table, DEVICE, 1, 0, witness);
        }
        if (state.has(Kinds.DELIVERED)) _take(table, DELIVERED, 2, expanded, witness);
        if (state.has(Kinds.DRAWN)) _take(table, DRAWN, 5, expanded, witness);
        uint256 invoices = state.invoicesOf();
        if (invoices != 0) _takeInvoices(table, invoices, expanded, witness);
    }

    /// @dev Whether `table` is the one that an item in `state` has, read from all of the witness up to `end`.
    function matches(Table memory table, uint256 state, uint256 end) internal pure returns (bool) {
        return table.end == end && hash(table) == state.tableOf();
    }

    /// @dev The last 160 bits of `keccak256` over the eight places.
    function hash(Table memory table) internal pure returns (uint160 result) {
        bytes32[8] memory places = table.places;
        assembly ("memory-safe") {
            result := and(keccak256(places, 256), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    /// @dev The section of `head` and the words from `start` on.
    function section(bytes32 head, bytes32[] calldata words, uint256 start)
        internal
        pure
        returns (Section memory result)
    {
        result.head = head;
        assembly ("memory-safe") {
            mstore(add(result, 32), add(words.offset, shl(5, start)))
        }
    }

    /// @dev The section that came expanded for `place`, if one did.
    function sectionOf(Table memory table, uint256 place) internal pure returns (Section memory result) {
        uint256 start = table.sections[place];
        if (start == 0) return result;
        result.roots = start + 32;
        assembly ("memory-safe") {
            mstore(result, calldataload(start))
        }
    }

    /// @dev Root number `i` of a section that is there.
    function root(Section memory from, uint256 i) internal pure returns (bytes32 value) {
        uint256 roots = from.roots;
        assembly ("memory-safe") {
            value := calldataload(add(roots, shl(5, i)))
        }
    }

    /// @dev `keccak256` over a section's head and its first `size` roots.
    function hashOf(Section memory from, uint256 size) internal pure returns (bytes32 result) {
        bytes32 head = from.head;
        uint256 roots = from.roots;
        assembly ("memory-safe") {
            let scratch := mload(0x40)
            mstore(scratch, head)
            calldatacopy(add(scratch, 32), roots, shl(5, size))
            result := keccak256(scratch, shl(5, add(size, 1)))
        }
    }

    /// @dev The section of invoice number `i` of those that came expanded.
    function invoice(Table memory table, bytes32[] calldata witness, uint256 i) internal pure returns (Section memory) {
        uint256 start = table.invoices + i * _INVOICE;
        return section(witness[start], witness, start + 1);
    }

    /// @dev Put the section of the invoice of `occurrence` among those that came listed, after those of the item's state.
    function insert(
        Table memory table,
        bytes32[] calldata witness,
        uint256 state,
        uint8 occurrence,
        bytes32 added
    ) internal pure {
        uint256 invoices = state.invoicesOf();
        if (invoices == 0) {
            table.places[INVOICED] = added;
            return;
        }
        bytes32[] memory sections = new bytes32[](invoices + 1);
        uint256 before = state.invoicesBefore(occurrence);
        for (uint256 i = 0; i <= invoices; i++) {
            if (i == before) sections[i] = added;
            else sections[i] = witness[table.invoices + (i < before ? i : i - 1)];
        }
        table.places[INVOICED] = joined(sections);
    }

    /// @dev Place 7 from the sections' hashes.
    function joined(bytes32[] memory sections) internal pure returns (bytes32) {
        if (sections.length == 0) return 0;
        return sections.length == 1 ? sections[0] : keccak256(abi.encodePacked(sections));
    }

    /// @dev Take a place from the witness: as it stands, or as a section of `size` words.
    function _take(Table memory table, uint256 place, uint256 size, uint256 expanded, bytes32[] calldata witness)
        private
        pure
    {
        uint256 start = table.end;
        if (expanded & (1 << place) == 0) size = 1;
        uint256 end = start + size;
        table.end = end;
        if (end > witness.length) return;
        if (size == 1) {
            table.places[place] = witness[start];
            return;
        }
        uint256 from;
        bytes32 hashed;
        assembly ("memory-safe") {
            from := add(witness.offset, shl(5, start))
            let scratch := mload(0x40)
            calldatacopy(scratch, from, shl(5, size))
            hashed := keccak256(scratch, shl(5, size))
        }
        table.sections[place] = from;
        table.places[place] = hashed;
    }

    function _takeInvoices(Table memory table, uint256 invoices, uint256 expanded, bytes32[] calldata witness)
        private
        pure
    {
        table.invoices = table.end;
        bool whole = expanded & (1 << INVOICED) != 0;
        uint256 width = whole ? _INVOICE : 1;
        if (!whole && expanded & LISTED == 0) invoices = 1;
        table.end += invoices * width;
        if (table.end > witness.length) return;
        bytes32[] memory sections = new bytes32[](invoices);
        for (uint256 i = 0; i < invoices; i++) {
            sections[i] = whole ? hashOf(invoice(table, witness, i), _INVOICE - 1) : witness[table.invoices + i];
        }
        table.places[INVOICED] = joined(sections);
    }
}
