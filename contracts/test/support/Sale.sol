// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEquipmentLedger} from "../../interfaces/IEquipmentLedger.sol";
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
        returns (IEquipmentLedger.Step memory step)
    {
        step.head = head(1, 0, block.timestamp, item, (uint72(glassmaker) << 40) | 0x010100);
        step.words = new bytes32[](5);
        step.words[0] = id(dossier);
        step.words[1] = root(item, "product", 1);
        step.words[2] = root(item, "supplements", 1);
        step.words[3] = root(item, "coding", 1);
        step.words[4] = root(item, "price", 1);
    }

    function ordered(bytes16 item) internal view returns (IEquipmentLedger.Step memory step) {
        step.head = head(2, 0, block.timestamp, item, 0x010101);
        step.words = new bytes32[](3);
        step.words[0] = root(item, "product", 1);
        step.words[1] = root(item, "supplements", 1);
        step.words[2] = root(item, "correction", 1);
        step.witness = witnessOf(item);
    }

    function manufactured(bytes16 item) internal view returns (IEquipmentLedger.Step memory step) {
        step.head = head(3, 0, block.timestamp, item, 0x010101);
        step.words = new bytes32[](6);
        step.words[0] = root(item, "product", 1);
        step.words[1] = root(item, "supplements", 1);
        step.words[2] = root(item, "correction", 1);
        step.words[3] = root(item, "coding", 1);
        step.words[4] = root(item, "device", 1);
        step.words[5] = root(item, "reference", 1);
        step.witness = witnessOf(item);
    }

    function shipped(bytes16 item) internal view returns (IEquipmentLedger.Step memory step) {
        step.head = head(4, 0, block.timestamp, item, 0);
    }

    function received(bytes16 item) internal view returns (IEquipmentLedger.Step memory step) {
        step.head = head(5, 0, block.timestamp, item, 0);
    }

    function delivered(bytes16 item) internal view returns (IEquipmentLedger.Step memory step) {
        step.head = head(6, 0, block.timestamp, item, 0);
        step.words = new bytes32[](1);
        step.words[0] = root(item, "device", 1);
        step.witness = witnessOf(item);
    }

    /// @dev An invoice that does not say partial, naming one insurer.
    function invoiced(bytes16 dossier, bytes16[] memory items)
        internal
        view
        returns (IEquipmentLedger.Step memory step)
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

    function verified(bytes16 dossier, bytes16[] memory items)
        internal
        view
        returns (IEquipmentLedger.Step memory step)
    {
        step.head = head(8, 0, block.timestamp, dossier, 1 << 64);
        step.words = new bytes32[](items.length);
        for (uint256 i = 0; i < items.length; i++) {
            step.words[i] = id(items[i]);
        }
    }

    // ------------------------------------------------------------------- the relayer's memory: roots by item

    mapping(bytes16 item => bytes32[18]) private _tables;

    /// @dev Take the roots of a recorded step into the tables that witnesses are made from.
    function remember(IEquipmentLedger.Step memory step) internal {
        uint8 kind = uint8(bytes1(step.head));
        bytes16 subject = bytes16(step.head << 56);
        if (kind == 1) _put(subject, 0, step.words, 1, 4);
        if (kind == 2) _put(subject, 4, step.words, 0, 3);
        if (kind == 3) _put(subject, 7, step.words, 0, 6);
        if (kind == 6) _put(subject, 13, step.words, 0, 1);
        if (kind != 7) return;
        for (uint256 i = 2; i < step.words.length; i += 5) {
            if (_tables[bytes16(step.words[i])][14] == 0) _put(bytes16(step.words[i]), 14, step.words, i + 1, 4);
        }
    }

    function _put(bytes16 item, uint256 place, bytes32[] memory words, uint256 from, uint256 size) private {
        for (uint256 i = 0; i < size; i++) {
            _tables[item][place + i] = words[from + i];
        }
    }

    function tableOf(bytes16 item) internal view returns (bytes32[18] memory) {
        return _tables[item];
    }

    function witnessOf(bytes16 item) internal view returns (bytes32[] memory) {
        bytes16[] memory items = new bytes16[](1);
        items[0] = item;
        return witnessOf(items);
    }

    function witnessOf(bytes16[] memory items) internal view returns (bytes32[] memory witness) {
        bytes32[] memory longest = new bytes32[](18 * items.length);
        uint256 size = 0;
        for (uint256 i = 0; i < items.length; i++) {
            for (uint256 place = 0; place < 18; place++) {
                bytes32 word = _tables[items[i]][place];
                if (word != 0) longest[size++] = word;
            }
        }
        witness = new bytes32[](size);
        for (uint256 i = 0; i < size; i++) {
            witness[i] = longest[i];
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
