// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../../interfaces/ISteps.sol";
import {Memory} from "./Memory.sol";

/// @dev Steps of one sale, built from the published layout and not with the ledger's own libraries: so a mistake there
/// cannot hide here. A root is a hash of (item, group, value); equal values give equal roots, as in the protocol.
abstract contract Sale is Memory {
    bytes16 internal constant LEFT = bytes16(uint128(OPTICIAN) << 96 | 0x1EF7);
    bytes16 internal constant RIGHT = bytes16(uint128(OPTICIAN) << 96 | 0x12167);
    bytes16 internal constant FRAME = bytes16(uint128(OPTICIAN) << 96 | 0xF2A3E);
    bytes16 internal constant DOSSIER = bytes16(uint128(OPTICIAN) << 96 | 0xD0551E2);
    bytes16 internal constant OTHER_DOSSIER = bytes16(uint128(OPTICIAN) << 96 | 0xD0551E3);

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
        step.witness = witnessOf(7, items);
    }

    function verified(bytes16 dossier) internal view returns (ISteps.Step memory step) {
        step.head = head(8, 0, block.timestamp, dossier, 1 << 64);
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
