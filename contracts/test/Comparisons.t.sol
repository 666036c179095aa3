// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {IEquipmentLedger} from "../interfaces/IEquipmentLedger.sol";
import {Relay} from "./support/Relay.sol";

/// @dev Every comparison set and not set, whichever side arrives last. Bit numbers as in `IEquipmentLedger`.
contract ComparisonsTest is Relay {
    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
    }

    function testOrderedIsComparedWithQuoted() public {
        _expectOrdered(0, 1 << 0);
        _expectOrdered(1, 1 << 1);
        _expectOrdered(2, 0);
    }

    function testManufacturedIsComparedWithOrdered() public {
        record(OPTICIAN, ordered(LEFT));
        uint8[6] memory bits = [1 << 2, 1 << 3, 1 << 4, 0, 0, 0];
        for (uint256 word = 0; word < 6; word++) {
            _expectAfter(GLASSMAKER, _changed(manufactured(LEFT), word), bits[word]);
        }
    }

    function testOrderedIsComparedWithWhatWasManufacturedBefore() public {
        record(GLASSMAKER, manufactured(LEFT));
        uint8[3] memory bits = [(1 << 0) | (1 << 2), (1 << 1) | (1 << 3), 1 << 4];
        for (uint256 word = 0; word < 3; word++) {
            _expectAfter(OPTICIAN, _changed(ordered(LEFT), word), bits[word]);
        }
    }

    function testManufacturedAloneIsComparedWithNothing() public {
        for (uint256 word = 0; word < 6; word++) {
            _expectAfter(GLASSMAKER, _changed(manufactured(LEFT), word), 0);
        }
    }

    function testInvoicedIsComparedWithManufacturedAndQuoted() public {
        record(OPTICIAN, ordered(LEFT));
        record(GLASSMAKER, manufactured(LEFT));
        uint16[4] memory bits = [1 << 5, 1 << 6, (1 << 7) | (1 << 8), 1 << 9];
        for (uint256 i = 0; i < 4; i++) {
            _expectAfter(OPTICIAN, _changed(invoiced(DOSSIER, some(LEFT)), 3 + i), bits[i]);
        }
    }

    function testManufacturedIsComparedWithWhatWasInvoicedBefore() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        uint8[6] memory bits = [1 << 5, 1 << 6, 0, 1 << 7, 0, 0];
        for (uint256 word = 0; word < 6; word++) {
            _expectAfter(GLASSMAKER, _changed(manufactured(LEFT), word), bits[word]);
        }
    }

    function testQuotedProductAndInvoicedProductAreComparedOnlyWithoutAGlassmaker() public {
        uint16[4] memory lens = [0, 0, 1 << 8, 1 << 9];
        uint16[4] memory frame = [1 << 10, 1 << 11, 1 << 8, 1 << 9];
        for (uint256 i = 0; i < 4; i++) {
            _expectAfter(OPTICIAN, _changed(invoiced(DOSSIER, some(LEFT)), 3 + i), lens[i]);
            _expectFrameAfter(_changed(invoiced(DOSSIER, some(FRAME)), 3 + i), frame[i]);
        }
    }

    function testDeliveredDeviceIsComparedWithTheManufacturedOne() public {
        record(GLASSMAKER, manufactured(LEFT));
        _expectAfter(OPTICIAN, _changed(delivered(LEFT), 0), 1 << 12);
    }

    function testManufacturedDeviceIsComparedWithTheOneDeliveredBefore() public {
        record(OPTICIAN, delivered(LEFT));
        _expectAfter(GLASSMAKER, _changed(manufactured(LEFT), 4), 1 << 12);
        _expectAfter(GLASSMAKER, manufactured(LEFT), 0);
    }

    function testTheDeviceOfAFrameIsComparedWithNothing() public {
        _expectFrameAfter(_changed(delivered(FRAME), 0), 0);
    }

    function testASecondInvoiceIsComparedTooAndTheTableKeepsTheFirst() public {
        record(OPTICIAN, ordered(LEFT));
        record(GLASSMAKER, manufactured(LEFT));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        (, bytes32 roots) = ledger.itemOf(LEFT);

        ISteps.Step memory second = _changed(invoiced(DOSSIER, some(LEFT)), 6);
        second.head |= bytes32(uint256(1) << 240);
        record(OPTICIAN, second);
        (uint256 state, bytes32 after_) = ledger.itemOf(LEFT);
        equal((state >> 32) & 0xFFFF, 1 << 9, "the price of the second");
        equal(flagsOf(state), 1, "invoiced twice");
        equal(after_, roots, "roots of the first");

        ISteps.Step memory third = _changed(invoiced(DOSSIER, some(LEFT)), 3);
        third.head |= bytes32(uint256(2) << 240);
        record(OPTICIAN, third);
        equal(mismatchesOf(LEFT), (1 << 9) | (1 << 5), "bits add up and never fall");
        record(OPTICIAN, delivered(LEFT));
        equal(mismatchesOf(LEFT), (1 << 9) | (1 << 5), "later steps leave them");
    }

    function testAWrongWitnessCanNeitherSetNorAvoidABit() public {
        ISteps.Step memory step = _changed(ordered(LEFT), 0);
        step.witness[0] = step.words[0];
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = witnessOf(LEFT);
        record(OPTICIAN, step);
        equal(mismatchesOf(LEFT), 1, "the bit is set");
    }

    /// @dev The step with another root at `word`.
    function _changed(ISteps.Step memory step, uint256 word)
        private
        pure
        returns (ISteps.Step memory)
    {
        step.words[word] = keccak256(abi.encode(step.words[word], "changed"));
        return step;
    }

    function _expectOrdered(uint256 word, uint256 bits) private {
        _expectAfter(OPTICIAN, _changed(ordered(LEFT), word), bits);
    }

    function _expectAfter(uint32 party, ISteps.Step memory step, uint256 bits) private {
        uint256 world = vm.snapshotState();
        record(party, step);
        equal(mismatchesOf(LEFT), bits, "mismatches of the lens");
        equal(mismatchesOf(FRAME), 0, "the frame is left alone");
        vm.revertToState(world);
    }

    function _expectFrameAfter(ISteps.Step memory step, uint256 bits) private {
        uint256 world = vm.snapshotState();
        record(OPTICIAN, step);
        equal(mismatchesOf(FRAME), bits, "mismatches of the frame");
        vm.revertToState(world);
    }
}
