// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Relay} from "./support/Relay.sol";

/// @dev What an item's life costs in the dossier profile: each optician's list holds one dossier, thirty of them share a
/// transaction, and the lists of glassmaker and insurer are long. Every transaction is measured whole, with its 21,000
/// and its calldata (isolated calls). Printed with `forge test --match-contract GasProfile -vv`.
contract GasProfileTest is Relay {
    event log_named_uint(string key, uint256 value);

    uint256 private constant DOSSIERS = 30;

    /// forge-config: default.isolate = true
    function testALensLifeStaysUnderItsBudgetInDossiersWithAFrame() public {
        check(_measure(true) < 290_000, "life of a lens in a dossier of two lenses and a frame");
    }

    /// forge-config: default.isolate = true
    function testALensLifeStaysUnderItsBudgetInDossiersOfTwoLenses() public {
        check(_measure(false) < 317_000, "life of a lens in a dossier of two lenses");
    }

    /// @dev Play two rounds, because a party's first step ever costs more; measure the second.
    function _measure(bool framed) private returns (uint256 life) {
        for (uint256 i = 0; i < DOSSIERS; i++) {
            admit(_optician(i), IPartyRegistry.Role.Optician);
        }
        _round(0, framed);
        uint256[9] memory gas = _round(1, framed);
        string[9] memory names =
            ["", "quoted", "ordered", "manufactured", "shipped", "received", "delivered", "invoiced", "verified"];
        for (uint8 kind = 1; kind <= 8; kind++) {
            emit log_named_uint(names[kind], gas[kind]);
            life += gas[kind];
        }
        emit log_named_uint("life of a lens", life);
        emit log_named_uint("life of a frame", gas[1] + gas[6] + gas[7] + gas[8]);
    }

    /// @return gas by kind, for one item
    function _round(uint256 round, bool framed) private returns (uint256[9] memory gas) {
        for (uint8 kind = 1; kind <= 8; kind++) {
            bool ofOptician = kind != 3 && kind != 4 && kind != 8;
            ISteps.SignedList[] memory lists = new ISteps.SignedList[](ofOptician ? DOSSIERS : 1);
            ISteps.Step[] memory all = new ISteps.Step[](3 * DOSSIERS);
            uint256 steps = 0;
            uint256 items = 0;
            for (uint256 i = 0; i < DOSSIERS; i++) {
                bytes16[] memory covered = _items(round, i, framed && kind != 2 && kind != 3 && kind != 4 && kind != 5);
                ISteps.Step[] memory part = _steps(kind, _dossier(round, i), covered);
                if (ofOptician) lists[i] = listOf(_optician(i), part);
                for (uint256 j = 0; j < part.length; j++) {
                    all[steps++] = part[j];
                }
                items += covered.length;
            }
            if (!ofOptician) lists[0] = listOf(kind == 8 ? INSURER : GLASSMAKER, _first(all, steps));

            bytes[] memory outcomes = ledger.submit(lists);
            gas[kind] = vm.lastCallGas().gasTotalUsed / items;
            for (uint256 i = 0; i < outcomes.length; i++) {
                for (uint256 j = 0; j < outcomes[i].length; j++) {
                    equal(uint8(outcomes[i][j]), 0, "all recorded");
                    remember(lists[i].steps[j]);
                }
            }
        }
    }

    function _steps(uint8 kind, bytes16 dossier, bytes16[] memory items)
        private
        view
        returns (ISteps.Step[] memory steps)
    {
        steps = new ISteps.Step[](kind < 7 ? items.length : 1);
        if (kind == 7) steps[0] = invoiced(dossier, items);
        if (kind == 8) steps[0] = verified(dossier);
        if (kind > 6) return steps;
        for (uint256 i = 0; i < items.length; i++) {
            if (kind == 1) steps[i] = quoted(items[i], dossier, i == 2 ? 0 : GLASSMAKER);
            if (kind == 2) steps[i] = ordered(items[i]);
            if (kind == 3) steps[i] = manufactured(items[i]);
            if (kind == 4) steps[i] = shipped(items[i]);
            if (kind == 5) steps[i] = received(items[i]);
            if (kind == 6) steps[i] = deliveredFrame(items[i]);
        }
    }

    function _first(ISteps.Step[] memory all, uint256 size)
        private
        pure
        returns (ISteps.Step[] memory steps)
    {
        steps = new ISteps.Step[](size);
        for (uint256 i = 0; i < size; i++) {
            steps[i] = all[i];
        }
    }

    function _optician(uint256 i) private pure returns (uint32) {
        return uint32(uint256(keccak256(abi.encode("optician", i))));
    }

    /// @dev Random in all twelve bytes, as in the field: zero bytes would make the calldata look cheaper.
    function _id(string memory what, uint256 round, uint256 i) private pure returns (bytes16) {
        return bytes16((uint128(_optician(i)) << 96) | uint96(uint256(keccak256(abi.encode(what, round, i)))));
    }

    function _dossier(uint256 round, uint256 i) private pure returns (bytes16) {
        return _id("dossier", round, i);
    }

    function _items(uint256 round, uint256 i, bool framed) private pure returns (bytes16[] memory) {
        bytes16 left = _id("left", round, i);
        bytes16 right = _id("right", round, i);
        return framed ? some(left, right, _id("frame", round, i)) : some(left, right);
    }
}
