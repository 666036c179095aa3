// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev Every comparison set and not set, whichever side arrives last. Bit numbers as in `IEquipmentLedger`.
contract ComparisonsTest is Relay {
    uint256 private constant INCOMPARABLE = 1 << 7;
    uint256 private constant OPEN = 1 << 9;

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
        uint8[7] memory bits = [1 << 2, 1 << 3, 1 << 4, 0, 0, 0, 0];
        for (uint256 word = 0; word < 7; word++) {
            _expectAfter(GLASSMAKER, changed(manufactured(LEFT), word), bits[word]);
        }
    }

    function testOrderedIsComparedWithWhatWasManufacturedBefore() public {
        record(GLASSMAKER, manufactured(LEFT));
        uint8[3] memory bits = [(1 << 0) | (1 << 2), (1 << 1) | (1 << 3), 1 << 4];
        for (uint256 word = 0; word < 3; word++) {
            _expectAfter(OPTICIAN, changed(ordered(LEFT), word), bits[word]);
        }
    }

    function testManufacturedAloneIsComparedWithNothing() public {
        for (uint256 word = 0; word < 7; word++) {
            _expectAfter(GLASSMAKER, changed(manufactured(LEFT), word), 0);
        }
    }

    function testInvoicedIsComparedWithManufacturedAndQuoted() public {
        record(OPTICIAN, ordered(LEFT));
        record(GLASSMAKER, manufactured(LEFT));
        uint16[4] memory bits = [1 << 5, 1 << 6, (1 << 7) | (1 << 8), 1 << 9];
        for (uint256 i = 0; i < 4; i++) {
            _expectAfter(OPTICIAN, changed(invoiced(DOSSIER, some(LEFT)), 3 + i), bits[i]);
        }
    }

    function testManufacturedIsComparedWithWhatWasInvoicedBefore() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        uint8[7] memory bits = [1 << 5, 1 << 6, 0, 1 << 7, 0, 0, 0];
        for (uint256 word = 0; word < 7; word++) {
            _expectAfter(GLASSMAKER, changed(manufactured(LEFT), word), bits[word]);
        }
    }

    function testQuotedProductAndInvoicedProductAreComparedOnlyWithoutAGlassmaker() public {
        uint16[4] memory lens = [0, 0, 1 << 8, 1 << 9];
        uint16[4] memory frame = [1 << 10, 1 << 11, 1 << 8, 1 << 9];
        for (uint256 i = 0; i < 4; i++) {
            _expectAfter(OPTICIAN, changed(invoiced(DOSSIER, some(LEFT)), 3 + i), lens[i]);
            _expectFrameAfter(changed(invoiced(DOSSIER, some(FRAME)), 3 + i), frame[i]);
        }
    }

    function testDeliveredDeviceIsComparedWithTheManufacturedOne() public {
        record(GLASSMAKER, manufactured(LEFT));
        _expectAfter(OPTICIAN, changed(delivered(LEFT), 0), 1 << 12);
    }

    function testManufacturedDeviceIsComparedWithTheOneDeliveredBefore() public {
        record(OPTICIAN, delivered(LEFT));
        _expectAfter(GLASSMAKER, changed(manufactured(LEFT), 4), 1 << 12);
        _expectAfter(GLASSMAKER, manufactured(LEFT), 0);
    }

    function testTheDeviceOfAFrameIsComparedWithNothing() public {
        _expectFrameAfter(changed(deliveredFrame(FRAME), 0), 0);
    }

    function testEveryInvoiceThatStandsIsComparedAndStandsInTheTable() public {
        record(GLASSMAKER, manufactured(LEFT));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, nth(changed(invoiced(DOSSIER, some(LEFT)), 6), 2));
        expectState(LEFT, 0x8A, 5, 1 << 9, 0);
        record(OPTICIAN, nth(changed(invoiced(DOSSIER, some(LEFT)), 3), 1));
        expectState(LEFT, 0x8A, 7, (1 << 9) | (1 << 5), 0);
        record(OPTICIAN, delivered(LEFT));
        expectState(LEFT, 0xCA, 7, (1 << 9) | (1 << 5), 0);
    }

    function testWhatIsManufacturedIsComparedWithEveryInvoiceThatStands() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, nth(changed(invoiced(DOSSIER, some(LEFT)), 3), 1));
        record(OPTICIAN, nth(changed(invoiced(DOSSIER, some(LEFT)), 5), 4));
        record(GLASSMAKER, manufactured(LEFT));
        expectState(LEFT, 0x8A, 0x13, (1 << 5) | (1 << 7) | (1 << 8), 0);
    }

    /// @dev Under another version than the other side's a root is compared with nothing, whatever it is.
    function testSidesOfDifferentVersionsAreNotComparedAndTheItemSaysSo() public {
        ISteps.Step memory order = changed(changed(changed(ordered(LEFT), 0), 1), 2);
        order.head ^= bytes32(uint256(0x030000));
        record(OPTICIAN, order);
        expectState(LEFT, 6, 0, 1 << 1, OPEN | INCOMPARABLE);
        ISteps.Step memory made = manufactured(LEFT);
        made.head ^= bytes32(uint256(0x000002));
        record(GLASSMAKER, made);
        expectState(LEFT, 0xE, 0, (1 << 1) | (1 << 3), OPEN | INCOMPARABLE);
        ISteps.Step memory invoice = changed(changed(invoiced(DOSSIER, some(LEFT)), 3), 4);
        invoice.words[2] ^= bytes32(uint256(0x000300));
        record(OPTICIAN, invoice);
        expectState(LEFT, 0x8E, 1, (1 << 1) | (1 << 3) | (1 << 5), INCOMPARABLE);
    }

    function testAFrameQuotedAndInvoicedUnderDifferentVersionsIsIncomparable() public {
        ISteps.Step memory invoice = changed(changed(invoiced(DOSSIER, some(FRAME)), 3), 4);
        invoice.words[2] ^= bytes32(uint256(0x030000));
        record(OPTICIAN, invoice);
        expectState(FRAME, 0x82, 1, 1 << 11, INCOMPARABLE);
    }

    function testAWrongWitnessCanNeitherSetNorAvoidABit() public {
        ISteps.Step memory step = changed(ordered(LEFT), 0);
        step.witness[2] = step.words[0];
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = witnessOf(2, LEFT);
        record(OPTICIAN, step);
        equal(mismatchesOf(LEFT), 1, "the bit is set");
    }

    function _expectOrdered(uint256 word, uint256 bits) private {
        _expectAfter(OPTICIAN, changed(ordered(LEFT), word), bits);
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
