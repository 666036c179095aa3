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

    function testInvoicedCoversNoItemOfAnotherDossierEvenIfAnotherIsMissing() public {
        record(OPTICIAN, quoted(RIGHT, OTHER_DOSSIER, GLASSMAKER));
        bytes16 missing = bytes16(uint128(OPTICIAN) << 96 | 99);
        refuse(OPTICIAN, invoiced(DOSSIER, some(LEFT, RIGHT)), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, invoiced(DOSSIER, some(missing, RIGHT)), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, invoiced(DOSSIER, some(RIGHT, missing)), ISteps.Outcome.NotAllowed);
    }

    function testInvoicedNeedsEveryItemQuoted() public {
        refuse(OPTICIAN, invoiced(DOSSIER, some(LEFT, RIGHT)), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, invoiced(OTHER_DOSSIER, some(RIGHT)), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT, RIGHT)));
    }

    function testInvoicedNeedsNeitherDeliveryNorManufacture() public {
        record(OPTICIAN, _whole());
        equal(uint32(stateOf(LEFT)), (1 << 1) | (1 << 7), "kinds of the lens");
        equal(uint32(stateOf(LEFT) >> 80), 2, "steps of the lens");
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
        step.witness = witnessOf(some(FRAME, LEFT));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = witnessOf(LEFT);
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = witnessOf(some(LEFT, FRAME, FRAME));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = good;
        record(OPTICIAN, step);
    }

    // ---------------------------------------------------------------------------------------- occurrences

    function testEachOccurrenceIsRecordedOnceInAnyOrder() public {
        uint8[3] memory occurrences = [2, 0, 255];
        for (uint256 i = 0; i < 3; i++) {
            record(OPTICIAN, _occurrence(occurrences[i], INSURER));
            for (uint256 j = 0; j <= i; j++) {
                refuse(OPTICIAN, _occurrence(occurrences[j], 0), ISteps.Outcome.Repeated);
            }
        }
        equal(uint16(ledger.dossierOf(DOSSIER) >> 48), 2, "each item counts once");
        equal(flagsOf(stateOf(LEFT)), 1, "invoiced twice");
        equal(uint32(stateOf(LEFT) >> 80), 4, "steps of the lens");
    }

    function testOneInvoiceDoesNotSayInvoicedTwice() public {
        record(OPTICIAN, _whole());
        equal(flagsOf(stateOf(LEFT)), 0, "no flag");
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
        equal(_hidden(), 2, "whole, not hidden");
        equal(uint16(ledger.dossierOf(DOSSIER) >> 48), 2, "items invoiced");
    }

    function testAnInvoiceThatLeavesAnItemOutWithoutSayingPartialHidesIt() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        equal(_hidden(), 3, "whole and hidden");
        equal(uint16(ledger.dossierOf(DOSSIER) >> 48), 1, "items invoiced");
    }

    function testAPartialInvoiceHidesNothing() public {
        ISteps.Step memory step = invoiced(DOSSIER, some(LEFT));
        step.head |= bytes32(uint256(1) << 64);
        record(OPTICIAN, step);
        equal(_hidden(), 0, "neither");
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        equal(_hidden(), 0, "an item may still join");
    }

    function testAnItemThatJoinsAfterAWholeInvoiceIsHidden() public {
        record(OPTICIAN, _whole());
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        equal(_hidden(), 3, "whole and hidden");
    }

    function testTheFlagNeverFalls() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, _occurrence(1, INSURER));
        equal(_hidden(), 3, "whole and hidden");
    }

    function _whole() private view returns (ISteps.Step memory) {
        return invoiced(DOSSIER, some(LEFT, FRAME));
    }

    function _occurrence(uint8 occurrence, uint32 insurer) private view returns (ISteps.Step memory step) {
        step = _whole();
        step.head = head(7, occurrence, NOW, DOSSIER, uint72(insurer) << 32);
    }

    function _hidden() private view returns (uint256) {
        return flagsOf(ledger.dossierOf(DOSSIER)) & 3;
    }

    function _expectInsurers(uint32 first, uint32 second) private view {
        uint256 state = ledger.dossierOf(DOSSIER);
        equal(uint32(state >> 112), first, "first insurer");
        equal(uint32(state >> 144), second, "second insurer");
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
        refuse(INSURER, verified(OTHER_DOSSIER, some(LEFT)), ISteps.Outcome.UnknownSubject);
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

    function testVerifiedCoversInvoicedItemsOfTheDossierOnly() public {
        record(OPTICIAN, quoted(RIGHT, OTHER_DOSSIER, GLASSMAKER));
        record(OPTICIAN, invoiced(OTHER_DOSSIER, some(RIGHT)));
        ISteps.Step memory part = invoiced(DOSSIER, some(LEFT));
        part.head |= bytes32(uint256(1) << 64);
        record(OPTICIAN, part);
        refuse(INSURER, verified(DOSSIER, some(LEFT, FRAME)), ISteps.Outcome.PredecessorMissing);
        refuse(INSURER, verified(DOSSIER, some(LEFT, RIGHT)), ISteps.Outcome.PredecessorMissing);
        bytes16 twin = bytes16((uint128(OTHER_OPTICIAN) << 96) | uint96(uint128(LEFT)));
        refuse(INSURER, verified(DOSSIER, some(LEFT, twin)), ISteps.Outcome.PredecessorMissing);
        record(INSURER, verified(DOSSIER, some(LEFT)));
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
        equal(ledger.countOf(INSURER), 3, "three by the first");
        equal(ledger.countOf(OTHER_INSURER), 2, "two by the second");
        equal(uint32(stateOf(LEFT) >> 80), 7, "steps of the lens");
        equal(uint32(ledger.dossierOf(DOSSIER) >> 80), 8, "steps of the dossier");
    }

    function testVerifiedMarksDossierAndItemsAndLeavesRoots() public {
        _invoice(0, INSURER, 0);
        (, bytes32 roots) = ledger.itemOf(LEFT);
        record(INSURER, verified(DOSSIER, some(LEFT)));
        (uint256 state, bytes32 after_) = ledger.itemOf(LEFT);
        equal(uint32(state), (1 << 1) | (1 << 7) | (1 << 8), "kinds of the lens");
        equal(uint32(stateOf(FRAME)), (1 << 1) | (1 << 7), "the frame was not checked");
        equal(uint32(ledger.dossierOf(DOSSIER)), (1 << 1) | (1 << 7) | (1 << 8), "kinds of the dossier");
        equal(after_, roots, "roots stay");
    }

    function _invoice(uint8 occurrence, uint32 first, uint32 second) private {
        ISteps.Step memory step = invoiced(DOSSIER, some(LEFT, FRAME));
        step.head = head(7, occurrence, NOW, DOSSIER, (uint72(first) << 32) | second);
        record(OPTICIAN, step);
    }

    /// @dev Verdict justified, with cases, of the invoice of occurrence `checked`.
    function _verified(uint8 occurrence, uint8 checked) private view returns (ISteps.Step memory step) {
        step = verified(DOSSIER, some(LEFT, FRAME));
        uint72 detail = (uint72(2) << 64) | (uint72(0xFFFFFFFF) << 32) | (uint72(checked) << 24);
        step.head = head(8, occurrence, NOW, DOSSIER, detail);
    }
}
