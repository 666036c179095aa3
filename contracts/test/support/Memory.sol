// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../../interfaces/ISteps.sol";
import {Governed} from "./Governed.sol";

/// @dev The relayer's memory: the tables of the items, from the published layout and not with the ledger's own
/// libraries, so a mistake there cannot hide here.
abstract contract Memory is Governed {
    /// @dev Beside places that come expanded: the invoices' sections come as their hashes.
    uint256 private constant LISTED = 1 << 8;

    /// @dev Place by place the words of the section: the head and the roots; of 0 and 4 the one word that stands there.
    mapping(bytes16 item => mapping(uint256 place => bytes32[])) private _places;

    /// @dev The sections of the invoices that stand, five words each: 0 the inherited one, n + 1 that of occurrence n.
    mapping(bytes16 item => bytes32[][9]) private _invoices;
    mapping(bytes16 item => uint32) private _glassmakers;

    /// @dev Take a recorded step into the tables that witnesses are made from.
    function remember(ISteps.Step memory step) internal {
        uint8 kind = uint8(bytes1(step.head));
        bytes16 subject = bytes16(step.head << 56);
        if (kind == 1) _rememberQuote(subject, step);
        if (kind == 2) _places[subject][2] = _section(step.head, step.words, 0, 3);
        if (kind == 3) {
            _places[subject][3] = _section(step.head, step.words, 0, 4);
            _places[subject][4] = _slice(step.words, 4, 1);
        }
        if (kind == 6) _places[subject][5] = _section(step.head, step.words, 0, 1);
        if (kind == 7) _rememberInvoice(step);
        if (kind == 11) {
            bytes32[] memory unit = _section(step.head, step.words, 2, 4);
            (unit[3], unit[4]) = (step.words[5], step.words[6]);
            _places[subject][6] = unit;
        }
        if (kind == 18) _invoices[subject][0] = invoicesOf(bytes16(step.words[0]));
        if (kind == 28) {
            for (uint256 i = 0; i < step.words.length; i++) {
                delete _invoices[bytes16(step.words[i])][1 + uint8(step.head[23])];
            }
        }
    }

    /// @dev Head and roots of a section, or nothing.
    function placeOf(bytes16 item, uint256 place) internal view returns (bytes32[] memory) {
        return _places[item][place];
    }

    /// @dev The sections of the invoices that stand, one behind the other.
    function invoicesOf(bytes16 item) internal view returns (bytes32[] memory sections) {
        for (uint256 i = 0; i < 9; i++) {
            sections = _joined(sections, _invoices[item][i]);
        }
    }

    function hasInherited(bytes16 item) internal view returns (bool) {
        return _invoices[item][0].length != 0;
    }

    function glassmakerOf(bytes16 item) internal view returns (uint32) {
        return _glassmakers[item];
    }

    /// @dev The last 160 bits of the hash of an item's table; zero for an item that was never quoted.
    function tableOf(bytes16 item) internal view returns (uint256) {
        if (_places[item][0].length == 0) return 0;
        bytes32[8] memory table;
        bytes32[] memory stands = _witness(item, 0, true);
        uint256 next = 0;
        for (uint256 place = 0; place < 7; place++) {
            if (_places[item][place].length != 0) table[place] = stands[next++];
        }
        if (next < stands.length) table[7] = stands[next];
        return uint160(uint256(keccak256(abi.encode(table))));
    }

    /// @dev The witness of a step of `kind` on `item`.
    function witnessOf(uint8 kind, bytes16 item) internal view returns (bytes32[] memory witness) {
        if (kind == 1 || kind == 17) return _witness(item, 0, true);
        if (kind == 2) return _witness(item, (1 << 1) | (1 << 3), true);
        if (kind == 3) return _witness(item, (1 << 2) | (1 << 5) | (1 << 7), true);
        if (kind == 6) return _witness(item, 1 << 6, true);
        if (kind == 7) return _witness(item, (1 << 1) | (1 << 3) | (1 << 6) | LISTED, false);
        if (kind == 11) return _witness(item, (1 << 5) | (1 << 7), true);
        if (kind == 12) return _witness(item, (1 << 2) | (1 << 3), true);
        if (kind == 13) return _witness(item, 1 << 3, true);
        if (kind == 19) return _witness(item, 0xEE, true);
        if (kind == 28) return _witness(item, (1 << 1) | (1 << 2) | (1 << 3) | (1 << 6) | (1 << 7), false);
    }

    /// @dev The witness of a step of `kind`, `Invoiced` or `Withdrawn`, over `items`.
    function witnessOf(uint8 kind, bytes16[] memory items) internal view returns (bytes32[] memory witness) {
        for (uint256 i = 0; i < items.length; i++) {
            witness = _joined(witness, witnessOf(kind, items[i]));
        }
    }

    /// @dev The witness of the exchange that gives `item` the invoice of `first`.
    function witnessOfExchange(bytes16 item, bytes16 first) internal view returns (bytes32[] memory) {
        return _joined(
            _witness(item, (1 << 3) | (1 << 6) | LISTED, true), _witness(first, (1 << 5) | (1 << 7), true)
        );
    }

    function _rememberQuote(bytes16 item, ISteps.Step memory step) private {
        _places[item][0] = _slice(step.words, 0, 1);
        _glassmakers[item] = uint32(uint256(step.head) >> 40);
        if (step.words.length == 5) {
            _places[item][1] = _section(step.head, step.words, 1, 4);
            return;
        }
        bytes16 replaced = bytes16(step.words[1]);
        if (_glassmakers[replaced] == _glassmakers[item]) _places[item][1] = _places[replaced][1];
    }

    function _rememberInvoice(ISteps.Step memory step) private {
        uint8 occurrence = uint8(step.head[1]);
        for (uint256 i = 2; i < step.words.length; i += 5) {
            bytes32 named = step.words[i] | bytes32(uint256(occurrence) << 120);
            _invoices[bytes16(step.words[i])][1 + occurrence] = _section(named, step.words, i + 1, 4);
        }
    }

    function _witness(bytes16 item, uint256 expanded, bool named) private view returns (bytes32[] memory witness) {
        if (named) witness = _places[item][0];
        for (uint256 place = 1; place < 7; place++) {
            bytes32[] memory section = _places[item][place];
            if (section.length == 0) continue;
            bool whole = place == 4 || expanded & (1 << place) != 0;
            witness = _joined(witness, whole ? section : _alone(keccak256(abi.encodePacked(section))));
        }
        bytes32[] memory invoices = invoicesOf(item);
        if (invoices.length == 0) return witness;
        if (expanded & (1 << 7) != 0) return _joined(witness, invoices);
        bytes32[] memory hashes = new bytes32[](invoices.length / 5);
        for (uint256 i = 0; i < hashes.length; i++) {
            hashes[i] = keccak256(abi.encodePacked(_slice(invoices, 5 * i, 5)));
        }
        if (expanded & LISTED != 0 || hashes.length == 1) return _joined(witness, hashes);
        return _joined(witness, _alone(keccak256(abi.encodePacked(hashes))));
    }

    function _section(bytes32 first, bytes32[] memory words, uint256 from, uint256 size)
        private
        pure
        returns (bytes32[] memory)
    {
        return _joined(_alone(first), _slice(words, from, size));
    }

    function _slice(bytes32[] memory words, uint256 from, uint256 size) private pure returns (bytes32[] memory part) {
        part = new bytes32[](size);
        for (uint256 i = 0; i < size; i++) {
            part[i] = words[from + i];
        }
    }

    function _alone(bytes32 word) private pure returns (bytes32[] memory words) {
        words = new bytes32[](1);
        words[0] = word;
    }

    function _joined(bytes32[] memory one, bytes32[] memory other) private pure returns (bytes32[] memory words) {
        words = new bytes32[](one.length + other.length);
        for (uint256 i = 0; i < words.length; i++) {
            words[i] = i < one.length ? one[i] : other[i - one.length];
        }
    }
}
