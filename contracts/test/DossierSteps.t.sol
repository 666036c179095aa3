// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev Invoices: who may, when, and what they leave on dossier and items.
contract InvoicesTest is Relay {
    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
    }

    // ------------------------------------------------------------------------------------ who may, when

    function testInvoicedIsRefusedToAnybodyButTheDossiersOptician() public {
        uint32[3] memory others = [OTHER_OPTICIAN, GLASSMAKER, INSURER];
        for (uint256 i = 0; i < 3; i++) {
            refuse(others[i], _whole(), ISteps.Outcome.NotAllowed);
        }
    }

    function testInvoicedCoversNoItemOfAnotherOptician() public {
        bytes16 foreign = bytes16(uint128(OTHER_OPTICIAN) << 96 | 1);
        refuse(OPTICIAN, invoiced(DOSSIER, some(LEFT, foreign)), ISteps.Outcome.NotAllowed);
    }

    function testInvoicedCoversNoItemOfAnotherDossier() public {
        record(OPTICIAN, quoted(RIGHT, OTHER_DOSSIER, GLASSMAKER));
        refuse(OPTICIAN, invoiced(DOSSIER, some(LEFT, RIGHT)), ISteps.Outcome.StaleWitness);
        refuse(OPTICIAN, invoiced(OTHER_DOSSIER, some(RIGHT, FRAME)), ISteps.Outcome.StaleWitness);
        refuse(OPTICIAN, invoiced(DOSSIER, some(NEXT, RIGHT)), ISteps.Outcome.PredecessorMissing);
    }

    function testInvoicedNeedsEveryItemQuoted() public {
        refuse(OPTICIAN, invoiced(DOSSIER, some(LEFT, RIGHT)), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, invoiced(OTHER_DOSSIER, some(RIGHT)), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT, RIGHT)));
    }

    function testInvoicedNeedsNeitherDeliveryNorManufacture() public {
        record(OPTICIAN, _whole());
        expectState(LEFT, (1 << 1) | (1 << 7), 1, 0, 0);
        expectState(FRAME, (1 << 1) | (1 << 7), 1, 0, 0);
    }

    function testAnInvoiceNamesInsurersOrNobody() public {
        ISteps.Step memory step = _whole();
        step.head = head(7, 0, NOW, DOSSIER, uint72(GLASSMAKER) << 32);
        refuse(OPTICIAN, step, ISteps.Outcome.NotAllowed);
        step.head = head(7, 0, NOW, DOSSIER, (uint72(INSURER) << 32) | NOBODY);
        refuse(OPTICIAN, step, ISteps.Outcome.NotAllowed);
        step.head = head(7, 0, NOW, DOSSIER, 0);
        record(OPTICIAN, step);
        _expectInsurers(0, 0);
    }

    function testTheWitnessOfAnInvoiceIsThatOfEveryItemInOrder() public {
        ISteps.Step memory step = _whole();
        bytes32[] memory good = step.witness;
        step.witness = witnessOf(7, some(FRAME, LEFT));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = witnessOf(7, LEFT);
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = witnessOf(7, some(LEFT, FRAME, FRAME));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = good;
        record(OPTICIAN, step);
    }

    // ---------------------------------------------------------------------------------------- occurrences

    function testEachOccurrenceIsRecordedOnceInAnyOrder() public {
        uint8[3] memory occurrences = [2, 0, 7];
        for (uint256 i = 0; i < 3; i++) {
            record(OPTICIAN, _occurrence(occurrences[i], INSURER));
            for (uint256 j = 0; j <= i; j++) {
                refuse(OPTICIAN, _occurrence(occurrences[j], 0), ISteps.Outcome.Repeated);
            }
        }
        expectState(LEFT, (1 << 1) | (1 << 7), 0x85, 0, 0);
        equal(uint8(ledger.dossierOf(DOSSIER) >> 64), 0x85, "invoices recorded");
        equal(uint8(ledger.dossierOf(DOSSIER) >> 72), 0x85, "invoices that stand and are whole");
    }

    // ------------------------------------------------------------------------------------------- insurers

    function testALaterInvoiceMayAddASecondInsurerAndNoThird() public {
        record(OPTICIAN, _occurrence(0, INSURER));
        _expectInsurers(INSURER, 0);
        record(OPTICIAN, _occurrence(1, OTHER_INSURER));
        _expectInsurers(INSURER, OTHER_INSURER);
        refuse(OPTICIAN, _occurrence(2, THIRD_INSURER), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, _occurrence(2, OTHER_INSURER));
        _expectInsurers(INSURER, OTHER_INSURER);
        record(OPTICIAN, _occurrence(3, 0));
        _expectInsurers(INSURER, OTHER_INSURER);
    }

    function testAnInvoiceMayNameTwoInsurersAtOnce() public {
        ISteps.Step memory step = _whole();
        step.head = head(7, 0, NOW, DOSSIER, (uint72(INSURER) << 32) | OTHER_INSURER);
        record(OPTICIAN, step);
        _expectInsurers(INSURER, OTHER_INSURER);
        step = _whole();
        step.head = head(7, 1, NOW, DOSSIER, (uint72(OTHER_INSURER) << 32) | INSURER);
        record(OPTICIAN, step);
        _expectInsurers(INSURER, OTHER_INSURER);
    }

    // ------------------------------------------------------------------------------------------ left out

    function testAnInvoiceOfAllItemsHidesNothing() public {
        record(OPTICIAN, _whole());
        _expectOpen(0, false);
    }

    function testAnInvoiceThatLeavesAnItemOutWithoutSayingPartialHidesItUntilAnotherCoversIt() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        _expectOpen(1, true);
        record(OPTICIAN, _occurrence(1, INSURER));
        _expectOpen(0, false);
    }

    function testAPartialInvoiceHidesNothing() public {
        ISteps.Step memory step = invoiced(DOSSIER, some(LEFT));
        step.head |= bytes32(uint256(1) << 64);
        record(OPTICIAN, step);
        _expectOpen(1, false);
        equal(uint8(ledger.dossierOf(DOSSIER) >> 64), 1, "it is recorded");
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        _expectOpen(2, false);
    }

    function testAnItemThatJoinsAfterAWholeInvoiceIsHidden() public {
        record(OPTICIAN, _whole());
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        _expectOpen(1, true);
    }

    function _whole() private view returns (ISteps.Step memory) {
        return invoiced(DOSSIER, some(LEFT, FRAME));
    }

    function _occurrence(uint8 occurrence, uint32 insurer) private view returns (ISteps.Step memory step) {
        step = _whole();
        step.head = head(7, occurrence, NOW, DOSSIER, uint72(insurer) << 32);
    }

    function _expectOpen(uint256 items, bool hidden) private view {
        equal(openOf(DOSSIER), items, "items open");
        check(isHidden(DOSSIER) == hidden, "hidden");
    }

    function _expectInsurers(uint32 first, uint32 second) private view {
        uint256 state = ledger.dossierOf(DOSSIER);
        equal(uint32(state >> 96), first, "first insurer");
        equal(uint32(state >> 128), second, "second insurer");
    }
}

/// @dev Verifications: who may, when, and how often.
contract VerificationsTest is Relay {
    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
    }

    function testVerifiedIsRefusedToWhomIsNoInsurer() public {
        _invoice(0, INSURER, OTHER_INSURER);
        uint32[4] memory others = [OPTICIAN, GLASSMAKER, AUDITOR, OPERATOR];
        for (uint256 i = 0; i < 4; i++) {
            refuse(others[i], _verified(0, 0), ISteps.Outcome.NotAllowed);
        }
    }

    function testVerifiedWaitsForTheDossierForBeingNamedAndForTheInvoice() public {
        refuse(INSURER, verified(OTHER_DOSSIER), ISteps.Outcome.UnknownSubject);
        refuse(INSURER, _verified(0, 0), ISteps.Outcome.NotYetNamed);
        _invoice(0, INSURER, 0);
        refuse(OTHER_INSURER, _verified(0, 0), ISteps.Outcome.NotYetNamed);
        refuse(INSURER, _verified(0, 1), ISteps.Outcome.PredecessorMissing);
        _invoice(1, OTHER_INSURER, 0);
        record(INSURER, _verified(0, 1));
        record(OTHER_INSURER, _verified(0, 0));
    }

    function testAnInvoiceOfALaterOccurrenceIsNotThatOfOccurrenceZero() public {
        _invoice(3, INSURER, 0);
        refuse(INSURER, _verified(0, 0), ISteps.Outcome.PredecessorMissing);
        record(INSURER, _verified(0, 3));
    }

    function testEachInsurerVerifiesEachOccurrenceOnceInAnyOrder() public {
        _invoice(0, INSURER, OTHER_INSURER);
        uint32[5] memory insurers = [OTHER_INSURER, INSURER, OTHER_INSURER, INSURER, INSURER];
        uint8[5] memory occurrences = [0, 1, 1, 0, 255];
        for (uint256 i = 0; i < 5; i++) {
            record(insurers[i], _verified(occurrences[i], 0));
            for (uint256 j = 0; j <= i; j++) {
                refuse(insurers[j], _verified(occurrences[j], 0), ISteps.Outcome.Repeated);
            }
        }
    }

    function testTheBitOfTheFirstCheckIsTheFirstInsurersOfOccurrenceZero() public {
        _invoice(0, INSURER, OTHER_INSURER);
        record(OTHER_INSURER, _verified(0, 0));
        record(INSURER, _verified(1, 0));
        equal(uint8(ledger.dossierOf(DOSSIER) >> 80), 0, "not yet");
        record(INSURER, _verified(0, 0));
        equal(uint8(ledger.dossierOf(DOSSIER) >> 80), 1, "now");
    }

    function testTheDossierKeepsTheEarliestClaimedTimeOfACheck() public {
        _invoice(0, INSURER, OTHER_INSURER);
        record(INSURER, claimed(_verified(0, 0), NOW - 5));
        equal(uint40(ledger.dossierOf(DOSSIER) >> 160), NOW - 5, "the first");
        record(INSURER, claimed(_verified(1, 0), NOW - 3));
        equal(uint40(ledger.dossierOf(DOSSIER) >> 160), NOW - 5, "a later one changes nothing");
        record(OTHER_INSURER, claimed(_verified(0, 0), NOW - 9));
        equal(uint40(ledger.dossierOf(DOSSIER) >> 160), NOW - 9, "an earlier one does");
    }

    function testAnInvoiceThatCannotExistIsNeverThere() public {
        _invoice(0, INSURER, 0);
        for (uint256 checked = 1; checked < 256; checked += 1) {
            expectOutcome(offer(INSURER, _verified(0, uint8(checked))), ISteps.Outcome.PredecessorMissing);
        }
    }

    function testVerifiedMarksTheDossierAndLeavesItems() public {
        _invoice(0, INSURER, 0);
        record(INSURER, verified(DOSSIER));
        expectState(LEFT, (1 << 1) | (1 << 7), 1, 0, 0);
        equal(uint32(ledger.dossierOf(DOSSIER)), (1 << 1) | (1 << 7) | (1 << 8), "kinds of the dossier");
    }

    function _invoice(uint8 occurrence, uint32 first, uint32 second) private {
        ISteps.Step memory step = invoiced(DOSSIER, some(LEFT, FRAME));
        step.head = head(7, occurrence, NOW, DOSSIER, (uint72(first) << 32) | second);
        record(OPTICIAN, step);
    }

    /// @dev Verdict justified, with cases, of the invoice of occurrence `checked`.
    function _verified(uint8 occurrence, uint8 checked) private view returns (ISteps.Step memory step) {
        step = verified(DOSSIER);
        uint72 detail = (uint72(2) << 64) | (uint72(0xFFFFFFFF) << 32) | (uint72(checked) << 24);
        step.head = head(8, occurrence, NOW, DOSSIER, detail);
    }
}
