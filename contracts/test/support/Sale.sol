// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../../interfaces/ISteps.sol";
import {Governed} from "./Governed.sol";

/// @dev Steps of one sale, built from the published layout and not with the ledger's own libraries: so a mistake there
/// cannot hide here. A root is a hash of (item, group, value); equal values give equal roots, as in the protocol.
abstract contract Sale is Governed {
    bytes16 internal constant LEFT = bytes16(uint128(OPTICIAN) << 96 | 0x1EF7);
    bytes16 internal constant RIGHT = bytes16(uint128(OPTICIAN) << 96 | 0x12167);
    bytes16 internal constant FRAME = bytes16(uint128(OPTICIAN) << 96 | 0xF2A3E);
    bytes16 internal constant DOSSIER = bytes16(uint128(OPTICIAN) << 96 | 0xD0551E2);
    bytes16 internal constant OTHER_DOSSIER = bytes16(uint128(OPTICIAN) << 96 | 0xD0551E3);

    bytes32[] internal none;

    function head(uint8 kind, uint8 occurrence, uint256 claimedAt, bytes16 subject, uint72 detail)
        internal
        pure
        returns (bytes32)
    {
        return bytes32(abi.encodePacked(kind, occurrence, uint40(claimedAt), subject, detail));
    }

    function root(bytes16 item, string memory group, uint256 value) internal pure returns (bytes32) {
        return keccak256(abi.encode(item, group, value));
    }

    function id(bytes16 identifier) internal pure returns (bytes32) {
        return bytes32(identifier);
    }

    // ---------------------------------------------------------------------------- steps, by default all alike

    function quoted(bytes16 item, bytes16 dossier, uint32 glassmaker)
        internal
        view
        returns (ISteps.Step memory step)
    {
        step.head = head(1, 0, block.timestamp, item, (uint72(glassmaker) << 40) | 0x010100);
        step.words = new bytes32[](5);
        step.words[0] = id(dossier);
        step.words[1] = root(item, "product", 1);
        step.words[2] = root(item, "supplements", 1);
        step.words[3] = root(item, "coding", 1);
        step.words[4] = root(item, "price", 1);
    }

    function ordered(bytes16 item) internal view returns (ISteps.Step memory step) {
        step.head = head(2, 0, block.timestamp, item, 0x010101);
        step.words = new bytes32[](3);
        step.words[0] = root(item, "product", 1);
        step.words[1] = root(item, "supplements", 1);
        step.words[2] = root(item, "correction", 1);
        step.witness = witnessOf(2, item);
    }

    function manufactured(bytes16 item) internal view returns (ISteps.Step memory step) {
        step.head = head(3, 0, block.timestamp, item, 0x010101);
        step.words = new bytes32[](7);
        step.words[0] = root(item, "product", 1);
        step.words[1] = root(item, "supplements", 1);
        step.words[2] = root(item, "correction", 1);
        step.words[3] = root(item, "coding", 1);
        step.words[4] = root(item, "device", 1);
        step.words[5] = root(item, "reference", 1);
        step.words[6] = root(item, "nullifier", 1);
        step.witness = witnessOf(3, item);
    }

    function shipped(bytes16 item) internal view returns (ISteps.Step memory step) {
        step.head = head(4, 0, block.timestamp, item, 0);
    }

    function received(bytes16 item) internal view returns (ISteps.Step memory step) {
        step.head = head(5, 0, block.timestamp, item, 0);
    }

    function delivered(bytes16 item) internal view returns (ISteps.Step memory step) {
        step.head = head(6, 0, block.timestamp, item, 0);
        step.words = new bytes32[](2);
        step.words[0] = root(item, "device", 1);
        step.words[1] = root(item, "nullifier", 1);
        step.witness = witnessOf(6, item);
    }

    /// @dev A frame has no token that its maker could have given.
    function deliveredFrame(bytes16 item) internal view returns (ISteps.Step memory step) {
        step.head = head(6, 0, block.timestamp, item, 0);
        step.words = new bytes32[](1);
        step.words[0] = root(item, "device", 1);
        step.witness = witnessOf(6, item);
    }

    /// @dev An invoice that does not say partial, naming one insurer.
    function invoiced(bytes16 dossier, bytes16[] memory items)
        internal
        view
        returns (ISteps.Step memory step)
    {
        step.head = head(7, 0, block.timestamp, dossier, uint72(INSURER) << 32);
        step.words = new bytes32[](2 + 5 * items.length);
        step.words[0] = root(dossier, "claim", 1);
        step.words[1] = root(dossier, "renewal", 1);
        for (uint256 i = 0; i < items.length; i++) {
            step.words[2 + 5 * i] = id(items[i]) | bytes32(uint256(0x010100));
            step.words[3 + 5 * i] = root(items[i], "product", 1);
            step.words[4 + 5 * i] = root(items[i], "supplements", 1);
            step.words[5 + 5 * i] = root(items[i], "coding", 1);
            step.words[6 + 5 * i] = root(items[i], "price", 1);
        }
        step.witness = witnessOf(items);
    }

    function verified(bytes16 dossier) internal view returns (ISteps.Step memory step) {
        step.head = head(8, 0, block.timestamp, dossier, 1 << 64);
    }

    // ------------------------------------------------------------------- the relayer's memory: roots by item

    /// @dev Place by place the words of the section: the head and the roots; of 0 and 4 the one word that stands there.
    mapping(bytes16 item => mapping(uint256 place => bytes32[])) private _places;

    /// @dev The sections of the invoices that stand, five words each, in order.
    mapping(bytes16 item => bytes32[]) private _invoices;

    /// @dev Take the roots of a recorded step into the tables that witnesses are made from.
    function remember(ISteps.Step memory step) internal {
        uint8 kind = uint8(bytes1(step.head));
        bytes16 subject = bytes16(step.head << 56);
        if (kind == 1) {
            _places[subject][0] = _slice(step.words, 0, 1);
            _places[subject][1] = _section(step.head, step.words, 1, 4);
        }
        if (kind == 2) _places[subject][2] = _section(step.head, step.words, 0, 3);
        if (kind == 3) {
            _places[subject][3] = _section(step.head, step.words, 0, 4);
            _places[subject][4] = _slice(step.words, 4, 1);
        }
        if (kind == 6) _places[subject][5] = _section(step.head, step.words, 0, 1);
        if (kind != 7) return;
        bytes32 occurrence = bytes32(((uint256(step.head) >> 240) & 0xFF) << 120);
        for (uint256 i = 2; i < step.words.length; i += 5) {
            bytes32[] memory section = _section(step.words[i] | occurrence, step.words, i + 1, 4);
            for (uint256 word = 0; word < 5; word++) {
                _invoices[bytes16(step.words[i])].push(section[word]);
            }
        }
    }

    /// @dev The witness of a step of `kind` on `item`.
    function witnessOf(uint8 kind, bytes16 item) internal view returns (bytes32[] memory witness) {
        if (kind == 2) return _witness(item, (1 << 1) | (1 << 3), true);
        if (kind == 3) return _witness(item, (1 << 2) | (1 << 5) | (1 << 7), true);
        if (kind == 6) return _witness(item, 1 << 6, true);
        if (kind == 7) return _witness(item, (1 << 1) | (1 << 3) | (1 << 6) | (1 << 8), false);
    }

    /// @dev The witness of an invoice of `items`.
    function witnessOf(bytes16[] memory items) internal view returns (bytes32[] memory witness) {
        for (uint256 i = 0; i < items.length; i++) {
            witness = _joined(witness, witnessOf(7, items[i]));
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
        bytes32[] memory invoices = _invoices[item];
        if (invoices.length == 0) return witness;
        if (expanded & (1 << 7) != 0) return _joined(witness, invoices);
        bytes32[] memory hashes = new bytes32[](invoices.length / 5);
        for (uint256 i = 0; i < hashes.length; i++) {
            hashes[i] = keccak256(abi.encodePacked(_slice(invoices, 5 * i, 5)));
        }
        if (expanded & (1 << 8) != 0 || hashes.length == 1) return _joined(witness, hashes);
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

    function some(bytes16 item) internal pure returns (bytes16[] memory items) {
        items = new bytes16[](1);
        items[0] = item;
    }

    function some(bytes16 one, bytes16 other) internal pure returns (bytes16[] memory items) {
        items = new bytes16[](2);
        items[0] = one;
        items[1] = other;
    }

    function some(bytes16 one, bytes16 other, bytes16 third) internal pure returns (bytes16[] memory items) {
        items = new bytes16[](3);
        items[0] = one;
        items[1] = other;
        items[2] = third;
    }
}
