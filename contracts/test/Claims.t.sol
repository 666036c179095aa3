// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Examples} from "./support/Examples.sol";

/// @dev Cover, decisions, answers, demands, breakages and renewals of a dossier.
contract ClaimsTest is Examples {
    function testEachKindIsRefusedToWhomItIsNot() public {
        _dossier();
        uint32[6] memory parties = [OTHER_OPTICIAN, GLASSMAKER, INSURER, AUDITOR, OPERATOR, OPTICIAN];
        for (uint8 kind = 21; kind < 30; kind++) {
            if (kind == 28) continue;
            for (uint256 i = 0; i < 6; i++) {
                bool its = signerOfExample(kind) == parties[i] || (kind == 29 && parties[i] == AUDITOR);
                if (!its) refuse(parties[i], example(kind), ISteps.Outcome.NotAllowed);
            }
        }
    }

    function testEachKindNeedsTheDossier() public {
        for (uint8 kind = 21; kind < 30; kind++) {
            if (kind == 28) continue;
            bool ofOptician = signerOfExample(kind) == OPTICIAN;
            ISteps.Outcome wanted = ofOptician ? ISteps.Outcome.PredecessorMissing : ISteps.Outcome.UnknownSubject;
            refuse(signerOfExample(kind), example(kind), wanted);
        }
    }

    function testWhoeverIsNamedIsAnInsurer() public {
        _dossier();
        uint32[4] memory others = [OPTICIAN, GLASSMAKER, AUDITOR, NOBODY];
        for (uint256 i = 0; i < 4; i++) {
            uint72 named = uint72(others[i]) << 40;
            // An auditor may be answered too: it demands openings.
            if (others[i] != AUDITOR) {
                refuse(OPTICIAN, said(22, DOSSIER, named | (21 << 24), keccak256("answer")), ISteps.Outcome.NotAllowed);
            }
            refuse(OPTICIAN, said(23, DOSSIER, named, keccak256("request")), ISteps.Outcome.NotAllowed);
        }
    }

    function testEachOccurrenceIsRecordedOnceInAnyOrderAndMarksTheDossierAlone() public {
        _dossier();
        record(OPTICIAN, quoted(RIGHT, OTHER_DOSSIER, GLASSMAKER));
        record(INSURER, verified(DOSSIER));
        uint256 lens = stateOf(LEFT);
        uint256 kinds = uint32(ledger.dossierOf(DOSSIER));
        for (uint8 kind = 23; kind != 22; kind = kind == 29 ? 21 : kind + 1) {
            if (kind == 28) continue;
            uint32 party = signerOfExample(kind);
            uint8[3] memory occurrences = [3, 0, 255];
            for (uint256 i = 0; i < 3; i++) {
                if (kind == 24 || kind == 25) record(OPTICIAN, nth(example(23), 10 * kind + uint8(i)));
                uint256 before = ledger.dossierOf(DOSSIER);
                record(party, _reference(nth(example(kind), occurrences[i]), kind, uint8(i)));
                for (uint256 j = 0; j <= i; j++) {
                    ISteps.Step memory again = _reference(nth(example(kind), occurrences[j]), kind, uint8(j));
                    refuse(party, again, ISteps.Outcome.Repeated);
                }
                equal(ledger.dossierOf(DOSSIER) >> 32, before >> 32, "nothing but the kind");
            }
            kinds |= (uint256(1) << kind) | (1 << 23);
            equal(uint32(ledger.dossierOf(DOSSIER)), kinds, "kinds");
        }
        equal(stateOf(LEFT), lens, "the item is left alone");
    }

    // -------------------------------------------------------------------------------------------- cover

    function testCoverIsAnsweredByTheInsurerThatTheRequestNames() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        refuse(INSURER, _answer(0), ISteps.Outcome.NotYetNamed);
        record(OPTICIAN, example(23));
        record(OPTICIAN, nth(said(23, DOSSIER, uint72(OTHER_INSURER) << 40, keccak256("request")), 1));
        refuse(OTHER_INSURER, _answer(0), ISteps.Outcome.NotYetNamed);
        refuse(INSURER, _answer(1), ISteps.Outcome.NotYetNamed);
        refuse(INSURER, _answer(2), ISteps.Outcome.NotYetNamed);
        record(INSURER, _answer(0));
        record(OTHER_INSURER, _answer(1));
        refuse(INSURER, _answer(0), ISteps.Outcome.Repeated);
    }

    function testAnInsurerThatTheInvoiceNamesAnswersNoRequestOfAnother() public {
        _dossier();
        record(OPTICIAN, said(23, DOSSIER, uint72(OTHER_INSURER) << 40, keccak256("request")));
        refuse(INSURER, _answer(0), ISteps.Outcome.NotYetNamed);
    }

    function testARequestIsCancelledOnlyIfItIsThere() public {
        _dossier();
        refuse(OPTICIAN, plain(25, DOSSIER, 0), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, nth(example(23), 4));
        refuse(OPTICIAN, plain(25, DOSSIER, 0), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, plain(25, DOSSIER, 4 << 64));
    }

    // ------------------------------------------------------------------------------- decisions, demands

    function testADecisionRestsOnACheckOfTheSameInsurer() public {
        _dossier();
        refuse(OTHER_INSURER, example(21), ISteps.Outcome.NotYetNamed);
        refuse(INSURER, example(21), ISteps.Outcome.PredecessorMissing);
        record(INSURER, nth(verified(DOSSIER), 7));
        refuse(INSURER, example(21), ISteps.Outcome.PredecessorMissing);
        ISteps.Step memory step = plain(21, DOSSIER, (1 << 64) | (1 << 56) | (7 << 8));
        record(INSURER, step);
        refuse(INSURER, step, ISteps.Outcome.Repeated);
        record(INSURER, verified(DOSSIER));
        record(INSURER, nth(example(21), 1));
    }

    function testTheSecondInsurersDecisionRestsOnItsOwnCheck() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.Step memory invoice = invoiced(DOSSIER, some(LEFT));
        invoice.head |= bytes32(uint256(OTHER_INSURER));
        record(OPTICIAN, invoice);
        record(INSURER, verified(DOSSIER));
        refuse(OTHER_INSURER, example(21), ISteps.Outcome.PredecessorMissing);
        record(OTHER_INSURER, verified(DOSSIER));
        record(OTHER_INSURER, example(21));
    }

    function testAQuestionHasADeadline() public {
        _dossier();
        record(INSURER, verified(DOSSIER));
        record(INSURER, plain(21, DOSSIER, (2 << 64) | (9 << 56) | (uint72(NOW + 1) << 16)));
    }

    function testADemandIsOfANamedInsurerOrAnAuditorAndOfAKnownItem() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        refuse(INSURER, example(29), ISteps.Outcome.NotYetNamed);
        record(AUDITOR, example(29));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        refuse(OTHER_INSURER, example(29), ISteps.Outcome.NotYetNamed);
        refuse(INSURER, said(29, DOSSIER, 1 << 64, id(RIGHT)), ISteps.Outcome.UnknownSubject);
        record(INSURER, example(29));
    }

    // -------------------------------------------------------------------------------- breakage, renewal

    function testABreakageCountsInTheFirstDossierUpTo255() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        refuse(OPTICIAN, example(26), ISteps.Outcome.UnknownSubject);
        bytes16 foreign = bytes16(uint128(OTHER_OPTICIAN) << 96 | 9);
        bytes16 foreignItem = bytes16(uint128(OTHER_OPTICIAN) << 96 | 10);
        record(OTHER_OPTICIAN, quoted(foreignItem, foreign, GLASSMAKER));
        for (uint256 i = 0; i < 257; i++) {
            if (i < 256) record(OPTICIAN, nth(said(26, DOSSIER, 0, id(foreign)), uint8(i)));
            uint256 named = uint8(ledger.dossierOf(foreign) >> 88);
            equal(named, i < 255 ? i + 1 : 255, "breakages");
        }
        equal(uint32(ledger.dossierOf(foreign) >> 96), 0, "the count flows over into nothing");
        equal(uint8(ledger.dossierOf(DOSSIER) >> 88), 0, "the second dossier counts none");
    }

    // ------------------------------------------------------------------------------------------ erasure

    function testErasedIsOfWhoeverTakesPart() public {
        refuse(OPTICIAN, plain(20, LEFT, 0), ISteps.Outcome.UnknownSubject);
        refuse(GLASSMAKER, plain(20, LEFT, 0), ISteps.Outcome.UnknownSubject);
        refuse(INSURER, plain(20, DOSSIER, 0), ISteps.Outcome.UnknownSubject);
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        refuse(INSURER, plain(20, DOSSIER, 0), ISteps.Outcome.NotYetNamed);
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        uint32[3] memory others = [OTHER_OPTICIAN, AUDITOR, OPERATOR];
        for (uint256 i = 0; i < 3; i++) {
            refuse(others[i], plain(20, LEFT, 0), ISteps.Outcome.NotAllowed);
            refuse(others[i], plain(20, DOSSIER, 0), ISteps.Outcome.NotAllowed);
        }
        refuse(OTHER_GLASSMAKER, plain(20, LEFT, 0), ISteps.Outcome.NotAllowed);
        refuse(GLASSMAKER, plain(20, DOSSIER, 0), ISteps.Outcome.NotAllowed);
        refuse(OTHER_INSURER, plain(20, DOSSIER, 0), ISteps.Outcome.NotYetNamed);
        refuse(INSURER, plain(20, LEFT, 0), ISteps.Outcome.NotYetNamed);
    }

    function testErasedIsRecordedOnceOfEachPartyAndSubjectAndLeavesEverythingElse() public {
        _dossier();
        uint256 lens = stateOf(LEFT);
        uint256 dossier = ledger.dossierOf(DOSSIER);
        uint32[4] memory parties = [OPTICIAN, GLASSMAKER, OPTICIAN, INSURER];
        for (uint256 i = 0; i < 4; i++) {
            record(parties[i], plain(20, i < 2 ? LEFT : DOSSIER, 0));
            for (uint256 j = 0; j <= i; j++) {
                refuse(parties[j], plain(20, j < 2 ? LEFT : DOSSIER, 0), ISteps.Outcome.Repeated);
            }
        }
        equal(stateOf(LEFT), lens | (1 << 20), "the item");
        equal(ledger.dossierOf(DOSSIER), dossier | (1 << 20), "the dossier");
    }

    function testGroupsThatAreErasedAreRecordedOnceAndChangeNoState() public {
        _dossier();
        uint256 lens = stateOf(LEFT);
        uint256 dossier = ledger.dossierOf(DOSSIER);
        uint72 groups = (uint72(1) << (56 + 3)) | (uint72(1) << (56 + 5));
        uint32[4] memory parties = [OPTICIAN, GLASSMAKER, OPTICIAN, INSURER];
        for (uint256 i = 0; i < 4; i++) {
            bytes16 subject = i < 2 ? LEFT : DOSSIER;
            record(parties[i], nth(plain(20, subject, groups), 3));
            refuse(parties[i], nth(plain(20, subject, groups), 3), ISteps.Outcome.Repeated);
            record(parties[i], nth(plain(20, subject, uint72(1) << (56 + 6)), 6));
        }
        refuse(OTHER_INSURER, nth(plain(20, DOSSIER, groups), 3), ISteps.Outcome.NotYetNamed);
        equal(stateOf(LEFT), lens, "the item");
        equal(ledger.dossierOf(DOSSIER), dossier, "the dossier");
        record(OPTICIAN, plain(20, LEFT, 0));
        equal(stateOf(LEFT), lens | (1 << 20), "the whole record");
    }

    function testAnInsurerThatWasOnlyAskedForCoverErasesToo() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        refuse(INSURER, plain(20, DOSSIER, 0), ISteps.Outcome.NotYetNamed);
        record(OPTICIAN, said(23, DOSSIER, uint72(INSURER) << 40, keccak256("request")));
        refuse(OTHER_INSURER, plain(20, DOSSIER, 0), ISteps.Outcome.NotYetNamed);
        refuse(INSURER, plain(20, OTHER_DOSSIER, 0), ISteps.Outcome.UnknownSubject);
        record(OPTICIAN, quoted(RIGHT, OTHER_DOSSIER, GLASSMAKER));
        refuse(INSURER, plain(20, OTHER_DOSSIER, 0), ISteps.Outcome.NotYetNamed);
        record(INSURER, plain(20, DOSSIER, 0));
        refuse(INSURER, plain(20, DOSSIER, 0), ISteps.Outcome.Repeated);
    }

    function _dossier() private {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
    }

    /// @dev An answer to the request of occurrence `request`.
    function _answer(uint8 request) private view returns (ISteps.Step memory) {
        return nth(said(24, DOSSIER, (1 << 64) | (uint72(request) << 56), keccak256("answer")), request);
    }

    /// @dev The step with the request that was recorded for it.
    function _reference(ISteps.Step memory step, uint8 kind, uint8 i) private pure returns (ISteps.Step memory) {
        if (kind == 24) step.head |= bytes32(uint256(240 + i) << 56);
        if (kind == 25) step.head |= bytes32(uint256(250 + i) << 64);
        return step;
    }
}
