// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Relay} from "./support/Relay.sol";

/// @dev What an item's life costs. Every transaction is measured whole, with its 21,000 and its calldata (isolated
/// calls). Printed with `forge test --match-contract GasProfile -vv`. Only the dossier profile has a bound: there each
/// optician's list holds one dossier, thirty of them share a transaction, and the lists of glassmaker and insurer are
/// long. The others tell what other habits cost.
contract GasProfileTest is Relay {
    event log_named_uint(string key, uint256 value);

    /// @dev How steps are put into lists, and lists into transactions.
    struct Profile {
        bool framed;
        uint256 dossiers;
        uint256 opticians;
        uint256 steps;
        uint256 lists;
    }

    /// @dev The aim is 200,000 and the limit 230,000. What is deployed goes through the compiler's intermediate language and
    /// took 229,844 on 26 November 2026; these tests do not, for the sake of time, and see 245,585. The bound is 3 % above.
    /// forge-config: default.isolate = true
    function testALensLifeStaysUnderItsBudgetInDossiersWithAFrame() public {
        check(_measure(Profile(true, 30, 30, 200, 30)) < 253_000, "life of a lens, with a frame beside two");
    }

    /// @dev The same without a frame to share the dossier with: 249,895 as deployed, 266,667 here.
    /// forge-config: default.isolate = true
    function testALensLifeStaysUnderItsBudgetInDossiersOfTwoLenses() public {
        check(_measure(Profile(false, 30, 30, 200, 30)) < 275_000, "life of a lens in a dossier of two lenses");
    }

    /// forge-config: default.isolate = true
    function testEveryListIsLong() public {
        _measure(Profile(true, 67, 1, 200, 1));
    }

    /// forge-config: default.isolate = true
    function testEveryStepIsSignedAloneInASharedTransaction() public {
        _measure(Profile(true, 10, 10, 1, 30));
    }

    /// forge-config: default.isolate = true
    function testEveryStepIsATransactionOfItsOwn() public {
        _measure(Profile(true, 10, 10, 1, 1));
    }

    /// @dev Play two rounds, because what a party does first may cost more; measure the second.
    function _measure(Profile memory profile) private returns (uint256 life) {
        for (uint256 i = 0; i < profile.opticians; i++) {
            admit(_optician(i), IPartyRegistry.Role.Optician);
        }
        _round(0, profile);
        uint256[9] memory gas = _round(1, profile);
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
    function _round(uint256 round, Profile memory profile) private returns (uint256[9] memory gas) {
        for (uint8 kind = 1; kind <= 8; kind++) {
            bool withFrame = profile.framed && kind != 2 && kind != 3 && kind != 4 && kind != 5;
            ISteps.Step[] memory steps = new ISteps.Step[](3 * profile.dossiers);
            uint32[] memory parties = new uint32[](steps.length);
            uint256 size = 0;
            for (uint256 i = 0; i < profile.dossiers; i++) {
                uint32 optician = _optician(i % profile.opticians);
                bytes16[] memory items = _items(round, i, optician, withFrame);
                ISteps.Step[] memory part = _stepsOf(kind, _id("dossier", round, i, optician), items);
                for (uint256 j = 0; j < part.length; j++) {
                    parties[size] = kind == 8 ? INSURER : kind == 3 || kind == 4 ? GLASSMAKER : optician;
                    steps[size++] = part[j];
                }
            }
            for (uint256 next = 0; next < size;) {
                uint256 used;
                (used, next) = _transaction(steps, parties, next, size, profile);
                gas[kind] += used;
            }
            gas[kind] /= profile.dossiers * (withFrame ? 3 : 2);
        }
    }

    /// @dev Submit the next lists, each of one party's steps that stand one behind the other.
    function _transaction(
        ISteps.Step[] memory steps,
        uint32[] memory parties,
        uint256 next,
        uint256 size,
        Profile memory profile
    ) private returns (uint256 gas, uint256) {
        ISteps.SignedList[] memory lists = new ISteps.SignedList[](profile.lists);
        uint256 filled = 0;
        for (; filled < lists.length && next < size; filled++) {
            uint256 end = next + 1;
            while (end < size && end - next < profile.steps && parties[end] == parties[next]) end++;
            ISteps.Step[] memory own = new ISteps.Step[](end - next);
            for (uint256 i = 0; i < own.length; i++) {
                own[i] = steps[next + i];
            }
            lists[filled] = listOf(parties[next], own);
            next = end;
        }
        return (_submit(lists, filled), next);
    }

    /// @dev Submit the first `size` lists; the gas of the transaction.
    function _submit(ISteps.SignedList[] memory lists, uint256 size) private returns (uint256 gas) {
        assembly ("memory-safe") {
            mstore(lists, size)
        }
        bytes[] memory outcomes = ledger.submit(lists);
        gas = vm.lastCallGas().gasTotalUsed;
        for (uint256 i = 0; i < outcomes.length; i++) {
            for (uint256 j = 0; j < outcomes[i].length; j++) {
                equal(uint8(outcomes[i][j]), 0, "all recorded");
                remember(lists[i].steps[j]);
            }
        }
    }

    function _stepsOf(uint8 kind, bytes16 dossier, bytes16[] memory items)
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

    function _optician(uint256 i) private pure returns (uint32) {
        return uint32(uint256(keccak256(abi.encode("optician", i))));
    }

    /// @dev Random in all twelve bytes, as in the field: zero bytes would make the calldata look cheaper.
    function _id(string memory what, uint256 round, uint256 i, uint32 optician) private pure returns (bytes16) {
        return bytes16((uint128(optician) << 96) | uint96(uint256(keccak256(abi.encode(what, round, i)))));
    }

    function _items(uint256 round, uint256 i, uint32 optician, bool framed) private pure returns (bytes16[] memory) {
        bytes16 left = _id("left", round, i, optician);
        bytes16 right = _id("right", round, i, optician);
        return framed ? some(left, right, _id("frame", round, i, optician)) : some(left, right);
    }
}
