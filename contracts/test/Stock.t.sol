// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev Lots of stock, who holds them, and what is drawn from them.
contract StockTest is Relay {
    uint256 private constant DUPLICATE = 1;
    uint256 private constant OPEN = 1 << 9;
    uint256 private constant DRAWN = (1 << 1) | (1 << 11);

    // ---------------------------------------------------------------------------------- shipped, transferred

    function testALotIsShippedByTheGlassmakerThatMadeItToAnOptician() public {
        uint32[4] memory others = [OPTICIAN, OTHER_GLASSMAKER, INSURER, AUDITOR];
        for (uint256 i = 0; i < 4; i++) {
            refuse(others[i], lotShipped(OPTICIAN), ISteps.Outcome.NotAllowed);
        }
        uint32[3] memory buyers = [GLASSMAKER, INSURER, NOBODY];
        for (uint256 i = 0; i < 3; i++) {
            refuse(GLASSMAKER, lotShipped(buyers[i]), ISteps.Outcome.NotAllowed);
        }
        record(GLASSMAKER, lotShipped(OPTICIAN));
        (uint256 state, bytes32 units) = ledger.lotOf(LOT);
        equal(state, uint256(GLASSMAKER) | (uint256(OPTICIAN) << 32), "glassmaker and buyer");
        equal(units, rootOfLot(), "root of its units");
        refuse(GLASSMAKER, lotShipped(OTHER_OPTICIAN), ISteps.Outcome.Repeated);
    }

    function testALotIsTransferredByAHolderAndTheNextOne() public {
        refuse(OPTICIAN, lotTransferred(OTHER_OPTICIAN), ISteps.Outcome.UnknownSubject);
        record(GLASSMAKER, lotShipped(OPTICIAN));
        uint32[3] memory others = [GLASSMAKER, INSURER, AUDITOR];
        for (uint256 i = 0; i < 3; i++) {
            refuse(others[i], lotTransferred(OTHER_OPTICIAN), ISteps.Outcome.NotAllowed);
            refuse(OPTICIAN, lotTransferred(others[i]), ISteps.Outcome.NotAllowed);
        }
        refuse(OTHER_OPTICIAN, lotTransferred(OPTICIAN), ISteps.Outcome.NotYetNamed);
        record(OPTICIAN, lotTransferred(OTHER_OPTICIAN));
        refuse(OPTICIAN, lotTransferred(OTHER_OPTICIAN), ISteps.Outcome.Repeated);
        refuse(OTHER_OPTICIAN, lotTransferred(OPTICIAN), ISteps.Outcome.NotYetNamed);
        record(OTHER_OPTICIAN, lotTransferred(OTHER_OPTICIAN));
        record(OTHER_OPTICIAN, nth(lotTransferred(OPTICIAN), 1));
        (uint256 state,) = ledger.lotOf(LOT);
        equal(state, uint256(GLASSMAKER) | (uint256(OPTICIAN) << 32), "the lot's state stays");
    }

    function testAHolderMayDrawOnceBothSaidThatTheLotWasTransferredInAnyOrder() public {
        registry.admit(77, IPartyRegistry.Role.Optician);
        registry.addKey(77, signerOf(77), 0);
        bytes16 item = bytes16(uint128(77) << 96 | 1);
        bytes16 dossier = bytes16(uint128(77) << 96 | 2);
        record(77, quoted(item, dossier, GLASSMAKER));
        record(GLASSMAKER, lotShipped(OPTICIAN));
        refuse(77, drawn(item, 0), ISteps.Outcome.NotYetNamed);
        uint256 world = vm.snapshotState();
        record(77, lotTransferred(77));
        refuse(77, drawn(item, 0), ISteps.Outcome.NotYetNamed);
        record(OPTICIAN, lotTransferred(77));
        record(77, drawn(item, 0));
        vm.revertToState(world);
        record(OPTICIAN, lotTransferred(77));
        refuse(77, drawn(item, 0), ISteps.Outcome.NotYetNamed);
        record(77, lotTransferred(77));
        record(77, drawn(item, 0));
    }

    // -------------------------------------------------------------------------------------------- drawn

    function testDrawnIsTheItemsOpticians() public {
        _stock();
        uint32[4] memory others = [OTHER_OPTICIAN, GLASSMAKER, INSURER, AUDITOR];
        for (uint256 i = 0; i < 4; i++) {
            refuse(others[i], drawn(LEFT, 0), ISteps.Outcome.NotAllowed);
        }
        record(OPTICIAN, drawn(LEFT, 0));
        expectState(LEFT, DRAWN, 0, 0, OPEN);
        refuse(OPTICIAN, drawn(LEFT, 1), ISteps.Outcome.Repeated);
        refuse(OPTICIAN, ordered(LEFT), ISteps.Outcome.NotAllowed);
    }

    function testDrawnNeedsTheItemAGlassmakerAndNoOrder() public {
        refuse(OPTICIAN, drawn(LEFT, 0), ISteps.Outcome.PredecessorMissing);
        _stock();
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
        refuse(OPTICIAN, drawn(FRAME, 0), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, ordered(LEFT));
        refuse(OPTICIAN, drawn(LEFT, 0), ISteps.Outcome.NotAllowed);
    }

    function testDrawnNeedsALotOfTheItemsGlassmaker() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        refuse(OPTICIAN, drawn(LEFT, 0), ISteps.Outcome.UnknownSubject);
        record(GLASSMAKER, lotShipped(OPTICIAN));
        record(OPTICIAN, quoted(RIGHT, DOSSIER, OTHER_GLASSMAKER));
        refuse(OPTICIAN, drawn(RIGHT, 0), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, drawn(LEFT, 0));
    }

    function testAUnitThatDoesNotLeadToTheRootIsMalformed() public {
        _stock();
        for (uint256 word = 1; word < 8; word++) {
            refuse(OPTICIAN, changed(drawn(LEFT, 0), word), ISteps.Outcome.Malformed);
        }
        ISteps.Step memory step = drawn(LEFT, 0);
        step.head ^= bytes32(uint256(1) << 50);
        refuse(OPTICIAN, step, ISteps.Outcome.Malformed);
        record(OPTICIAN, drawn(LEFT, 1));
    }

    function testTheRootOfALotIsNoUnit() public {
        _stock();
        ISteps.Step memory step = drawn(LEFT, 0);
        step.words = new bytes32[](7);
        for (uint256 i = 0; i < 7; i++) {
            step.words[i] = drawn(LEFT, 0).words[i];
        }
        refuse(OPTICIAN, step, ISteps.Outcome.Malformed);
    }

    function testDrawnBringsTheTable() public {
        _stock();
        ISteps.Step memory early = drawn(LEFT, 0);
        record(OPTICIAN, delivered(LEFT));
        refuse(OPTICIAN, early, ISteps.Outcome.StaleWitness);
        record(OPTICIAN, drawn(LEFT, 0));
    }

    // -------------------------------------------------------------------------------------- comparisons

    function testAUnitIsComparedWithInvoiceAndDeliveryWhicheverComesLast() public {
        _stock();
        uint256 world = vm.snapshotState();
        record(OPTICIAN, drawn(LEFT, 0));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, delivered(LEFT));
        expectState(LEFT, DRAWN | 0xC0, 1, 0xE0 | (1 << 12), 0);
        vm.revertToState(world);
        record(OPTICIAN, delivered(LEFT));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, drawn(LEFT, 0));
        expectState(LEFT, DRAWN | 0xC0, 1, 0xE0 | (1 << 12), 0);
        vm.revertToState(world);
        record(OPTICIAN, _asDrawn(invoiced(DOSSIER, some(LEFT))));
        record(OPTICIAN, drawn(LEFT, 0));
        record(OPTICIAN, _asDrawn(delivered(LEFT)));
        expectState(LEFT, DRAWN | 0xC0, 1, 1 << 8, 0);
    }

    function testTheCodingQuotedDoesNotCountForADrawnItem() public {
        _stock();
        record(OPTICIAN, changed(invoiced(DOSSIER, some(LEFT)), 5));
        (uint16 mismatches,) = ledger.bitsOf(LEFT);
        equal(mismatches, 1 << 8, "it counts");
        record(OPTICIAN, drawn(LEFT, 0));
        (mismatches,) = ledger.bitsOf(LEFT);
        equal(mismatches, 0xE0, "it does not");
        equal(mismatchesOf(LEFT), 0x1E0, "and the state still says it");
    }

    function testAnItemBothDrawnAndManufacturedIsADuplicateInAnyOrder() public {
        _stock();
        uint256 world = vm.snapshotState();
        record(OPTICIAN, drawn(LEFT, 0));
        record(GLASSMAKER, manufactured(LEFT));
        expectState(LEFT, DRAWN | 8, 0, 0, OPEN | DUPLICATE);
        vm.revertToState(world);
        record(GLASSMAKER, manufactured(LEFT));
        record(OPTICIAN, drawn(LEFT, 0));
        expectState(LEFT, DRAWN | 8, 0, 0, OPEN | DUPLICATE);
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        equal(mismatchesOf(LEFT), 0xE0, "each of both is compared");
    }

    function testAnExceptionalItemMayBeDrawn() public {
        _stock();
        record(OPTICIAN, incorrect(LEFT, 5, 7, unitOf(0)[1]));
        record(OPTICIAN, drawn(LEFT, 0));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        check(exceptionsOf(LEFT) & (uint256(1) << 69) != 0, "what was drawn is what the optician meant");
    }

    function testACreditOfADrawnItemFreesItsUnit() public {
        _stock();
        refuse(GLASSMAKER, _creditOfUnit(), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, drawn(LEFT, 0));
        refuse(OTHER_GLASSMAKER, _creditOfUnit(), ISteps.Outcome.NotAllowed);
        record(GLASSMAKER, _creditOfUnit());
        expectState(LEFT, DRAWN | (1 << 17), 0, 0, 0);
        (bytes16 bound,) = ledger.nullifierOf(unitOf(0)[0]);
        equal(bytes32(bound), 0, "free");
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, drawn(RIGHT, 0));
        expectState(RIGHT, DRAWN, 0, 0, OPEN);
    }

    function _creditOfUnit() private view returns (ISteps.Step memory step) {
        step = credited(LEFT);
        step.words[0] = unitOf(0)[0];
    }

    function _stock() private {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(GLASSMAKER, lotShipped(OPTICIAN));
    }

    /// @dev The roots of an invoice or a delivery as those of unit 0.
    function _asDrawn(ISteps.Step memory step) private pure returns (ISteps.Step memory) {
        bytes32[6] memory unit = unitOf(0);
        if (step.words.length == 2) step.words[0] = unit[5];
        else (step.words[3], step.words[4], step.words[5]) = (unit[1], unit[2], unit[4]);
        return step;
    }
}
