// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../../interfaces/ISteps.sol";
import {Sale} from "./Sale.sol";

/// @dev The steps that few lives have, built like those of a sale.
abstract contract Rare is Sale {
    /// @dev An item that takes another one's place, and a third.
    bytes16 internal constant NEXT = bytes16(uint128(OPTICIAN) << 96 | 0x2E87);
    bytes16 internal constant LAST = bytes16(uint128(OPTICIAN) << 96 | 0x1A57);
    bytes16 internal constant LOT = bytes16(uint128(GLASSMAKER) << 96 | 0x107);

    /// @dev A step without a word.
    function plain(uint8 kind, bytes16 subject, uint72 detail) internal view returns (ISteps.Step memory step) {
        step.head = head(kind, 0, block.timestamp, subject, detail);
    }

    /// @dev A step with one word.
    function said(uint8 kind, bytes16 subject, uint72 detail, bytes32 word)
        internal
        view
        returns (ISteps.Step memory step)
    {
        step = plain(kind, subject, detail);
        step.words = new bytes32[](1);
        step.words[0] = word;
    }

    /// @dev `step` as its occurrence number `occurrence`.
    function nth(ISteps.Step memory step, uint8 occurrence) internal pure returns (ISteps.Step memory) {
        step.head = (step.head & ~bytes32(uint256(0xFF) << 240)) | bytes32(uint256(occurrence) << 240);
        return step;
    }

    /// @dev `step`, claimed at `time`.
    function claimed(ISteps.Step memory step, uint256 time) internal pure returns (ISteps.Step memory) {
        step.head = (step.head & ~bytes32(uint256(type(uint40).max) << 200)) | bytes32(time << 200);
        return step;
    }

    /// @dev `step` with another root at `word`.
    function changed(ISteps.Step memory step, uint256 word) internal pure returns (ISteps.Step memory) {
        step.words[word] = keccak256(abi.encode(step.words[word], "changed"));
        return step;
    }

    function replacing(bytes16 item, bytes16 dossier, uint32 glassmaker, bytes16 replaced)
        internal
        view
        returns (ISteps.Step memory step)
    {
        step = plain(1, item, uint72(glassmaker) << 40);
        step.words = new bytes32[](2);
        step.words[0] = id(dossier);
        step.words[1] = id(replaced);
        step.witness = witnessOf(1, replaced);
    }

    /// @dev Unit number `number` of the lot whose only two units are 0 and 1.
    function drawn(bytes16 item, uint32 number) internal view returns (ISteps.Step memory step) {
        step = plain(11, item, (uint72(number) << 40) | 0x010100);
        step.words = new bytes32[](8);
        step.words[0] = id(LOT);
        bytes32[6] memory unit = unitOf(number);
        for (uint256 i = 0; i < 6; i++) {
            step.words[1 + i] = unit[i];
        }
        step.words[7] = leafOf(1 - number);
        step.witness = witnessOf(11, item);
    }

    /// @dev What the glassmaker says of a unit: nullifier, product, supplements, correction, coding, device.
    function unitOf(uint32 number) internal pure returns (bytes32[6] memory unit) {
        for (uint256 i = 0; i < 6; i++) {
            unit[i] = keccak256(abi.encode("unit", number, i));
        }
    }

    function leafOf(uint32 number) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(number, unitOf(number)))));
    }

    /// @dev The root over both units: the smaller hash stands first.
    function rootOfLot() internal pure returns (bytes32) {
        (bytes32 one, bytes32 other) = (leafOf(0), leafOf(1));
        return one < other ? keccak256(abi.encode(one, other)) : keccak256(abi.encode(other, one));
    }

    function lotShipped(uint32 buyer) internal view returns (ISteps.Step memory) {
        return said(30, LOT, uint72(buyer) << 40, rootOfLot());
    }

    function lotTransferred(uint32 holder) internal view returns (ISteps.Step memory) {
        return plain(31, LOT, uint72(holder) << 40);
    }

    /// @dev Another product and supplements than quoted and ordered, under version 1 each.
    function substituted(bytes16 item) internal view returns (ISteps.Step memory step) {
        step = plain(12, item, 0x010100);
        step.words = new bytes32[](2);
        step.words[0] = root(item, "product", 2);
        step.words[1] = root(item, "supplements", 2);
        step.witness = witnessOf(12, item);
    }

    function cancelled(bytes16 item) internal view returns (ISteps.Step memory step) {
        step = plain(13, item, 1 << 64);
        step.witness = witnessOf(13, item);
    }

    function credited(bytes16 item) internal view returns (ISteps.Step memory step) {
        step = said(17, item, 1 << 64, root(item, "nullifier", 1));
        step.witness = witnessOf(17, item);
    }

    function exchanged(bytes16 item, bytes16 first) internal view returns (ISteps.Step memory step) {
        step = said(18, item, 1 << 64, id(first));
        step.witness = witnessOfExchange(item, first);
    }

    /// @dev In `comparison` the data of the step of kind `inError` were incorrect; `corrected` is right.
    function incorrect(bytes16 item, uint8 comparison, uint8 inError, bytes32 corrected)
        internal
        view
        returns (ISteps.Step memory step)
    {
        step = nth(said(19, item, (uint72(inError) << 64) | (2 << 56), corrected), comparison);
        step.witness = witnessOf(19, item);
    }

    /// @dev The step of kind `inError`, a side of `comparison`, did not occur.
    function never(bytes16 item, uint8 comparison, uint8 inError) internal view returns (ISteps.Step memory step) {
        step = nth(plain(19, item, (uint72(inError) << 64) | (1 << 56)), comparison);
        step.witness = witnessOf(19, item);
    }

    /// @dev The invoice of occurrence `invoice` does not stand any more for `items`.
    function withdrawn(bytes16 dossier, uint8 invoice, bytes16[] memory items)
        internal
        view
        returns (ISteps.Step memory step)
    {
        step = plain(28, dossier, uint72(invoice) << 64);
        step.words = new bytes32[](items.length);
        for (uint256 i = 0; i < items.length; i++) {
            step.words[i] = id(items[i]);
        }
        step.witness = witnessOf(28, items);
    }
}
