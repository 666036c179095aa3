// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev Items that take another one's place.
contract ReplacementsTest is Relay {
    uint256 private constant REPLACED = 1 << 1;
    uint256 private constant REPLACEMENT = 1 << 2;
    uint256 private constant UNQUOTED = 1 << 3;
    uint256 private constant OPEN = 1 << 9;
    uint256 private constant RELIEVED = 1 << 10;

    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
    }

    function testAReplacementIsRefusedToAnybodyButTheOpticianOfAllThree() public {
        uint32[4] memory others = [OTHER_OPTICIAN, GLASSMAKER, INSURER, AUDITOR];
        for (uint256 i = 0; i < 4; i++) {
            refuse(others[i], replacing(NEXT, DOSSIER, GLASSMAKER, LEFT), ISteps.Outcome.NotAllowed);
        }
        bytes16 foreign = bytes16(uint128(OTHER_OPTICIAN) << 96 | 1);
        refuse(OPTICIAN, replacing(foreign, DOSSIER, GLASSMAKER, LEFT), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, replacing(NEXT, foreign, GLASSMAKER, LEFT), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, foreign), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, replacing(NEXT, DOSSIER, INSURER, LEFT), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, replacing(NEXT, DOSSIER, NOBODY, LEFT), ISteps.Outcome.NotAllowed);
    }

    function testAReplacementNeedsTheItemThatItReplaces() public {
        refuse(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, RIGHT), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, NEXT), ISteps.Outcome.PredecessorMissing);
    }

    function testAReplacementStaysInTheDossier() public {
        refuse(OPTICIAN, replacing(NEXT, OTHER_DOSSIER, GLASSMAKER, LEFT), ISteps.Outcome.NotAllowed);
    }

    function testAnItemIsQuotedOnceAndReplacedOnce() public {
        refuse(OPTICIAN, replacing(LEFT, DOSSIER, GLASSMAKER, LEFT), ISteps.Outcome.Repeated);
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        refuse(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT), ISteps.Outcome.Repeated);
        refuse(OPTICIAN, quoted(NEXT, DOSSIER, GLASSMAKER), ISteps.Outcome.Repeated);
        refuse(OPTICIAN, replacing(LAST, DOSSIER, GLASSMAKER, LEFT), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, replacing(LAST, DOSSIER, GLASSMAKER, NEXT));
    }

    function testAReplacementBringsTheTableOfTheItemReplaced() public {
        ISteps.Step memory step = replacing(NEXT, DOSSIER, GLASSMAKER, LEFT);
        record(OPTICIAN, ordered(LEFT));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
    }

    function testAReplacementOfTheSameGlassmakerHasTheQuoteAndTakesTheOpenPlace() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        expectState(LEFT, 1 << 1, 0, 0, REPLACED);
        expectState(NEXT, 1 << 1, 0, 0, REPLACEMENT | OPEN);
        equal(uint16(ledger.dossierOf(DOSSIER) >> 32), 2, "items quoted");
        equal(openOf(DOSSIER), 1, "items open");
        record(OPTICIAN, changed(ordered(NEXT), 0));
        equal(mismatchesOf(NEXT), 3, "compared with the first one's quote: roots of another item differ");
    }

    function testAReplacementOfAnotherGlassmakerHasNoQuoteToCompare() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, OTHER_GLASSMAKER, LEFT));
        expectState(NEXT, 1 << 1, 0, 0, REPLACEMENT | UNQUOTED | OPEN);
        record(OPTICIAN, ordered(NEXT));
        refuse(GLASSMAKER, manufactured(NEXT), ISteps.Outcome.NotAllowed);
        record(OTHER_GLASSMAKER, manufactured(NEXT));
        record(OPTICIAN, invoiced(DOSSIER, some(NEXT)));
        expectState(NEXT, 0x8E, 1, 0, REPLACEMENT | UNQUOTED);
        record(OPTICIAN, replacing(LAST, DOSSIER, OTHER_GLASSMAKER, NEXT));
        expectState(LAST, 1 << 1, 0, 0, REPLACEMENT | UNQUOTED | RELIEVED);
    }

    function testAReplacementOfAnInvoicedItemIsRelievedAndSoIsTheOneThatReplacesIt() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        record(OPTICIAN, replacing(LAST, DOSSIER, GLASSMAKER, NEXT));
        expectState(LEFT, 0x82, 1, 0, REPLACED);
        expectState(NEXT, 1 << 1, 0, 0, REPLACED | REPLACEMENT | RELIEVED);
        expectState(LAST, 1 << 1, 0, 0, REPLACEMENT | RELIEVED);
        check(!isHidden(DOSSIER) && openOf(DOSSIER) == 0, "nothing is open");
    }

    function testAReplacedItemThatLosesItsInvoiceStaysClosed() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, withdrawn(DOSSIER, 0, some(LEFT)));
        expectState(LEFT, 0x82, 0, 0, REPLACED);
        equal(openOf(DOSSIER), 1, "the replacement alone is open");
    }

    function testADossierHoldsNoMoreReplacementsThanItsStateCanCount() public {
        bytes32 slot = keccak256(abi.encode(DOSSIER, 3));
        bytes32 state = vm.load(address(ledger), slot);
        vm.store(address(ledger), slot, state | bytes32(uint256(0xFFFF) << 32));
        refuse(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT), ISteps.Outcome.NotAllowed);
        vm.store(address(ledger), slot, state);
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
    }
}

/// @dev Items given for a first one, whose invoice they stand behind.
contract ExchangesTest is Relay {
    uint256 private constant OF_GIVEN = (1 << 2) | (1 << 5);
    uint256 private constant OF_FIRST = (1 << 1) | (1 << 6);
    uint256 private constant EXCEPTIONAL = 1 << 8;
    uint256 private constant RELIEVED = 1 << 10;
    uint256 private constant GIVEN = (1 << 1) | (1 << 18);

    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
    }

    function testAnExchangeIsRefusedToAnybodyButTheOpticianOfBoth() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        uint32[4] memory others = [OTHER_OPTICIAN, GLASSMAKER, INSURER, AUDITOR];
        for (uint256 i = 0; i < 4; i++) {
            refuse(others[i], exchanged(NEXT, LEFT), ISteps.Outcome.NotAllowed);
        }
        bytes16 foreign = bytes16(uint128(OTHER_OPTICIAN) << 96 | 1);
        refuse(OPTICIAN, exchanged(NEXT, foreign), ISteps.Outcome.NotAllowed);
    }

    function testAnExchangeNeedsBothItemsAndAReplacement() public {
        refuse(OPTICIAN, exchanged(NEXT, LEFT), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, exchanged(RIGHT, LEFT), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        refuse(OPTICIAN, exchanged(NEXT, LAST), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, exchanged(NEXT, NEXT), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, exchanged(NEXT, LEFT));
        refuse(OPTICIAN, exchanged(NEXT, LEFT), ISteps.Outcome.Repeated);
        record(OPTICIAN, replacing(LAST, DOSSIER, GLASSMAKER, NEXT));
        refuse(OPTICIAN, exchanged(LAST, LEFT), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, exchanged(LAST, NEXT));
    }

    function testAnExchangeNeedsExactlyOneInvoiceOfTheFirstItem() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        record(OPTICIAN, nth(invoiced(DOSSIER, some(LEFT)), 1));
        refuse(OPTICIAN, exchanged(NEXT, LEFT), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, withdrawn(DOSSIER, 0, some(LEFT)));
        record(OPTICIAN, nth(withdrawn(DOSSIER, 1, some(LEFT)), 1));
        refuse(OPTICIAN, exchanged(NEXT, LEFT), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, nth(invoiced(DOSSIER, some(LEFT)), 2));
        record(OPTICIAN, exchanged(NEXT, LEFT));
    }

    function testAnExchangeNeedsTheSameQuoteAndBothTables() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, RIGHT));
        refuse(OPTICIAN, exchanged(NEXT, LEFT), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, replacing(LAST, DOSSIER, OTHER_GLASSMAKER, LEFT));
        refuse(OPTICIAN, exchanged(LAST, LEFT), ISteps.Outcome.NotAllowed);
        ISteps.Step memory step = exchanged(NEXT, LEFT);
        step.witness[step.witness.length - 1] ^= bytes32(uint256(1));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step = exchanged(NEXT, LEFT);
        step.witness[0] ^= bytes32(uint256(1));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = witnessOf(1, NEXT);
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = new bytes32[](0);
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
    }

    function testTwoItemsWithoutAQuoteHaveNoneInCommonToBeExchangedUnder() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, OTHER_GLASSMAKER, LEFT));
        record(OPTICIAN, nth(invoiced(DOSSIER, some(NEXT)), 1));
        record(OPTICIAN, replacing(LAST, DOSSIER, GLASSMAKER, NEXT));
        refuse(OPTICIAN, exchanged(LAST, NEXT), ISteps.Outcome.NotAllowed);
    }

    function testTheItemGivenStandsBehindTheFirstOnesInvoice() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        record(OPTICIAN, exchanged(NEXT, LEFT));
        check(hasInherited(NEXT), "by the relayer's memory too");
        expectState(NEXT, GIVEN, 0, 0, OF_GIVEN | RELIEVED);
        expectState(LEFT, 0x82, 1, 0, OF_FIRST);
        record(OPTICIAN, nth(invoiced(DOSSIER, some(NEXT)), 1));
        expectState(NEXT, GIVEN | (1 << 7), 2, (1 << 8) | (1 << 9), OF_GIVEN | RELIEVED);
    }

    function testWhatWasMadeIsComparedWithTheInheritedInvoiceInAnyOrder() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        uint256 world = vm.snapshotState();
        record(OPTICIAN, exchanged(NEXT, LEFT));
        record(GLASSMAKER, manufactured(NEXT));
        expectState(NEXT, GIVEN | 8, 0, 0xE0, OF_GIVEN | RELIEVED);
        vm.revertToState(world);
        record(GLASSMAKER, manufactured(NEXT));
        record(OPTICIAN, exchanged(NEXT, LEFT));
        equal(mismatchesOf(NEXT), 0xE0, "the same");
        vm.revertToState(world);
        record(OPTICIAN, exchanged(NEXT, LEFT));
        ISteps.Step memory alike = manufactured(NEXT);
        (alike.words[0], alike.words[1]) = (root(LEFT, "product", 1), root(LEFT, "supplements", 1));
        alike.words[3] = root(LEFT, "coding", 1);
        record(GLASSMAKER, alike);
        equal(mismatchesOf(NEXT), 0, "made as invoiced");
    }

    function testAnExchangeUnderWarrantyJustifiesWhatItExplains() public {
        _deliverFirst(NOW - 10);
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        _makeUnderWarranty(NEXT);
        record(OPTICIAN, changed(ordered(NEXT), 0));
        record(OPTICIAN, exchanged(NEXT, LEFT));
        equal(exceptionsOf(NEXT), 1 << 11, "the first one was delivered earlier");
        check(flagsOf(NEXT) & EXCEPTIONAL != 0, "exceptional");
        equal(mismatchesOf(NEXT), 0xE3 | (1 << 2), "mismatches");
        equal(justifiedOf(NEXT), 0xE3, "what an exchange explains");
    }

    function testAnExchangeWithoutWarrantyOrDeliveryJustifiesNothing() public {
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        uint256 world = vm.snapshotState();
        _makeUnderWarranty(NEXT);
        record(OPTICIAN, exchanged(NEXT, LEFT));
        equal(justifiedOf(NEXT), 0, "the first one was never delivered");
        vm.revertToState(world);
        _deliverFirst(NOW);
        _makeUnderWarranty(NEXT);
        record(OPTICIAN, exchanged(NEXT, LEFT));
        equal(justifiedOf(NEXT), 0, "the first one was not delivered earlier");
        vm.revertToState(world);
        _deliverFirst(NOW - 10);
        record(GLASSMAKER, manufactured(NEXT));
        record(OPTICIAN, exchanged(NEXT, LEFT));
        equal(justifiedOf(NEXT), 0, "no warranty");
        equal(mismatchesOf(NEXT), 0xE0, "there is something to justify");
    }

    function testAnExchangeForAnItemThatIsItselfWrongJustifiesNothing() public {
        record(GLASSMAKER, changed(manufactured(LEFT), 0));
        record(OPTICIAN, claimed(delivered(LEFT), NOW - 10));
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        _makeUnderWarranty(NEXT);
        record(OPTICIAN, exchanged(NEXT, LEFT));
        equal(justifiedOf(NEXT), 0, "the first one was not what was invoiced");
    }

    function testAnExchangeForAnotherThanTheOneReplacedJustifiesNothing() public {
        _deliverFirst(NOW - 10);
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        record(OPTICIAN, replacing(LAST, DOSSIER, GLASSMAKER, NEXT));
        _makeUnderWarranty(LAST);
        record(OPTICIAN, exchanged(LAST, LEFT));
        equal(justifiedOf(LAST), 0, "it replaces another one");
        equal(mismatchesOf(LAST), 0xE0, "there is something to justify");
    }

    function _deliverFirst(uint256 time) private {
        record(GLASSMAKER, manufactured(LEFT));
        record(OPTICIAN, claimed(delivered(LEFT), time));
    }

    function _makeUnderWarranty(bytes16 item) private {
        ISteps.Step memory step = manufactured(item);
        step.head |= bytes32(uint256(1) << 64);
        record(GLASSMAKER, step);
    }
}
