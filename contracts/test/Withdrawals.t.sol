// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Examples} from "./support/Examples.sol";

/// @dev Invoices withdrawn: by whom, when, and what stands afterwards.
contract WithdrawalsTest is Examples {
    uint256 private constant OPEN = 1 << 9;
    uint256 private constant KINDS = (1 << 1) | (1 << 7);

    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
    }

    function testAnInvoiceIsWithdrawnByItsOpticianForItsItems() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        uint32[4] memory others = [OTHER_OPTICIAN, GLASSMAKER, INSURER, AUDITOR];
        for (uint256 i = 0; i < 4; i++) {
            refuse(others[i], example(28), ISteps.Outcome.NotAllowed);
        }
        bytes16 foreign = bytes16(uint128(OTHER_OPTICIAN) << 96 | 1);
        refuse(OPTICIAN, withdrawn(DOSSIER, 0, some(LEFT, foreign)), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, withdrawn(DOSSIER, 0, some(LEFT, FRAME)), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, withdrawn(DOSSIER, 0, some(LEFT, RIGHT)), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, example(28));
    }

    function testAWithdrawalNeedsTheInvoiceAndHappensOnce() public {
        refuse(OPTICIAN, example(28), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, nth(invoiced(DOSSIER, some(LEFT)), 1));
        refuse(OPTICIAN, example(28), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, withdrawn(DOSSIER, 1, some(LEFT)));
        refuse(OPTICIAN, withdrawn(DOSSIER, 1, some(LEFT)), ISteps.Outcome.Repeated);
        refuse(OPTICIAN, nth(withdrawn(DOSSIER, 1, some(LEFT)), 1), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, nth(invoiced(DOSSIER, some(LEFT)), 1), ISteps.Outcome.Repeated);
    }

    function testAWithdrawalBringsTheTableOfEveryItemInOrder() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT, FRAME)));
        ISteps.Step memory step = withdrawn(DOSSIER, 0, some(LEFT, FRAME));
        step.witness = witnessOf(28, some(FRAME, LEFT));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = witnessOf(28, LEFT);
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        step.witness = witnessOf(28, some(LEFT, FRAME, FRAME));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        record(OPTICIAN, withdrawn(DOSSIER, 0, some(LEFT, FRAME)));
    }

    function testAnItemThatNoInvoiceCoversIsOpenAgain() public {
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT, FRAME)));
        record(OPTICIAN, withdrawn(DOSSIER, 0, some(LEFT)));
        expectState(LEFT, KINDS, 0, 0, OPEN);
        expectState(FRAME, KINDS, 1, 0, 0);
        equal(openOf(DOSSIER), 1, "items open");
        equal(uint8(ledger.dossierOf(DOSSIER) >> 64), 1, "the invoice stays recorded");
        check(isHidden(DOSSIER), "and stands for the frame, so it hides the lens");
        equal(uint32(ledger.dossierOf(DOSSIER)), KINDS | (1 << 28), "kinds");
    }

    function testMismatchesAreMadeAgainWithWhatStillStands() public {
        record(GLASSMAKER, changed(manufactured(LEFT), 2));
        record(OPTICIAN, changed(ordered(LEFT), 0));
        uint256 kept = (1 << 0) | (1 << 2) | (1 << 4);
        record(OPTICIAN, changed(invoiced(DOSSIER, some(LEFT)), 3));
        record(OPTICIAN, nth(changed(invoiced(DOSSIER, some(LEFT)), 4), 1));
        record(OPTICIAN, nth(changed(invoiced(DOSSIER, some(LEFT)), 6), 2));
        expectState(LEFT, 0x8E, 7, kept | (1 << 5) | (1 << 6) | (1 << 9), 0);
        record(OPTICIAN, withdrawn(DOSSIER, 1, some(LEFT)));
        expectState(LEFT, 0x8E, 5, kept | (1 << 5) | (1 << 9), 0);
        record(OPTICIAN, nth(withdrawn(DOSSIER, 0, some(LEFT)), 1));
        expectState(LEFT, 0x8E, 4, kept | (1 << 9), 0);
        record(OPTICIAN, nth(withdrawn(DOSSIER, 2, some(LEFT)), 2));
        expectState(LEFT, 0x8E, 0, kept, OPEN);
    }

    function testABitThatTwoInvoicesSetStaysWhileOneStands() public {
        record(OPTICIAN, changed(invoiced(DOSSIER, some(FRAME)), 3));
        record(OPTICIAN, nth(changed(invoiced(DOSSIER, some(FRAME)), 3), 1));
        record(OPTICIAN, withdrawn(DOSSIER, 0, some(FRAME)));
        expectState(FRAME, KINDS, 2, 1 << 10, 0);
    }

    function testAnInheritedInvoiceStandsWhenAnItemsOwnIsWithdrawn() public {
        record(OPTICIAN, changed(invoiced(DOSSIER, some(LEFT)), 6));
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        record(OPTICIAN, exchanged(NEXT, LEFT));
        record(GLASSMAKER, manufactured(NEXT));
        record(OPTICIAN, nth(invoiced(DOSSIER, some(NEXT)), 1));
        refuse(OPTICIAN, withdrawn(DOSSIER, 0, some(NEXT)), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, nth(withdrawn(DOSSIER, 1, some(NEXT)), 1));
        equal(mismatchesOf(NEXT), 0xE0, "with the inherited one, and not with the quote");
        equal(stateOf(NEXT) >> 96, tableOf(NEXT), "its table");
        check(flagsOf(NEXT) & OPEN == 0, "covered by it");
    }

    function testWhetherAnItemIsComparableIsSeenAgain() public {
        ISteps.Step memory invoice = invoiced(DOSSIER, some(FRAME));
        invoice.words[2] ^= bytes32(uint256(0x030000));
        record(OPTICIAN, invoice);
        record(OPTICIAN, withdrawn(DOSSIER, 0, some(FRAME)));
        expectState(FRAME, KINDS, 0, 0, OPEN);
    }
}
