// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev Substitutions, cancellations, refusals, breakages, returns and credits of one item.
contract ExceptionsTest is Relay {
    uint256 private constant EXCEPTIONAL = 1 << 8;
    uint256 private constant OPEN = 1 << 9;
    uint256 private constant AT = 96;
    uint256 private constant CANCELLED_AT = 136;

    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
    }

    // ----------------------------------------------------------------------------------------- who may

    function testEachExceptionIsRefusedToWhomItIsNot() public {
        uint32[4] memory others = [OTHER_OPTICIAN, INSURER, AUDITOR, OPERATOR];
        for (uint8 kind = 12; kind < 18; kind++) {
            for (uint256 i = 0; i < 4; i++) {
                refuse(others[i], _step(kind, LEFT), ISteps.Outcome.NotAllowed);
            }
            bool joint = kind == 12 || kind == 13;
            if (!joint) refuse(kind == 17 ? OPTICIAN : GLASSMAKER, _step(kind, LEFT), ISteps.Outcome.NotAllowed);
            if (joint || kind == 17) refuse(OTHER_GLASSMAKER, _step(kind, LEFT), ISteps.Outcome.NotAllowed);
        }
    }

    function testEachExceptionNeedsTheItem() public {
        for (uint8 kind = 12; kind < 18; kind++) {
            if (kind != 17) refuse(OPTICIAN, _step(kind, RIGHT), ISteps.Outcome.PredecessorMissing);
            bool joint = kind == 12 || kind == 13;
            if (joint || kind == 17) refuse(GLASSMAKER, _step(kind, RIGHT), ISteps.Outcome.UnknownSubject);
        }
    }

    function testAnItemWithoutAGlassmakerIsNotSubstitutedButMayFailOtherwise() public {
        refuse(OPTICIAN, substituted(FRAME), ISteps.Outcome.NotAllowed);
        refuse(GLASSMAKER, substituted(FRAME), ISteps.Outcome.NotAllowed);
        refuse(GLASSMAKER, cancelled(FRAME), ISteps.Outcome.NotAllowed);
        for (uint8 kind = 13; kind < 17; kind++) {
            record(OPTICIAN, _step(kind, FRAME));
        }
        expectState(FRAME, (1 << 1) | (0xF << 13), 0, 0, EXCEPTIONAL);
    }

    function testEachExceptionIsRecordedOnceOfEachParty() public {
        record(GLASSMAKER, manufactured(LEFT));
        for (uint8 kind = 12; kind < 18; kind++) {
            if (kind != 17) _recordOnce(OPTICIAN, kind);
            if (kind == 12 || kind == 13 || kind == 17) _recordOnce(GLASSMAKER, kind);
        }
        equal(kindsOf(LEFT), 0xA | (0x3F << 12), "kinds");
    }

    function testWhatNeedsTheTableBringsIt() public {
        record(GLASSMAKER, manufactured(LEFT));
        ISteps.Step[3] memory early = [substituted(LEFT), cancelled(LEFT), credited(LEFT)];
        record(OPTICIAN, ordered(LEFT));
        for (uint256 i = 0; i < 3; i++) {
            refuse(GLASSMAKER, early[i], ISteps.Outcome.StaleWitness);
        }
    }

    // ------------------------------------------------------------------------------------ substituted

    function testASubstitutionThatBothSayJustifiesWhatItExplains() public {
        record(OPTICIAN, changed(ordered(LEFT), 2));
        ISteps.Step memory made = manufactured(LEFT);
        (made.words[0], made.words[1]) = (root(LEFT, "product", 2), root(LEFT, "supplements", 2));
        record(GLASSMAKER, made);
        record(OPTICIAN, changed(invoiced(DOSSIER, some(LEFT)), 5));
        uint256 bits = (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5) | (1 << 6) | (1 << 7) | (1 << 8);
        equal(mismatchesOf(LEFT), bits, "mismatches");
        record(OPTICIAN, substituted(LEFT));
        equal(justifiedOf(LEFT), 0, "one party alone justifies nothing");
        equal(exceptionsOf(LEFT), 1 | (NOW << AT), "by the optician");
        record(GLASSMAKER, substituted(LEFT));
        equal(justifiedOf(LEFT), (1 << 2) | (1 << 3) | (1 << 8), "manufactured is what was substituted");
        equal(exceptionsOf(LEFT), 7 | (3 << 6) | (NOW << AT), "both say the same");
        equal(mismatchesOf(LEFT), bits, "the bits stay");
    }

    function testASubstitutionBeforeTheOrderJustifiesInAnyOrderOfArrival() public {
        uint256 world = vm.snapshotState();
        record(OPTICIAN, _substitutedOrder());
        record(OPTICIAN, substituted(LEFT));
        record(GLASSMAKER, substituted(LEFT));
        record(GLASSMAKER, changed(manufactured(LEFT), 0));
        uint256 exceptions = exceptionsOf(LEFT);
        uint256 justified = justifiedOf(LEFT);
        equal(exceptions, 7 | (3 << 4) | (NOW << AT), "ordered is what was substituted");
        equal(justified, 3, "ordered otherwise than quoted");
        vm.revertToState(world);
        record(GLASSMAKER, substituted(LEFT));
        record(OPTICIAN, substituted(LEFT));
        record(GLASSMAKER, changed(manufactured(LEFT), 0));
        record(OPTICIAN, _substitutedOrder());
        equal(exceptionsOf(LEFT), exceptions, "the same exceptions");
        equal(justifiedOf(LEFT), justified, "the same is justified");
    }

    function testWhatIsSubstitutedUnderAnotherVersionIsSomethingElse() public {
        record(OPTICIAN, _substitutedOrder());
        for (uint256 i = 0; i < 2; i++) {
            ISteps.Step memory step = substituted(LEFT);
            step.head ^= bytes32(uint256(0x030000));
            record(i == 0 ? OPTICIAN : GLASSMAKER, step);
        }
        equal((exceptionsOf(LEFT) >> 4) & 0xF, 2, "supplements alone");
        equal(justifiedOf(LEFT), 2, "supplements alone");
    }

    function testASubstitutionThatTheyTellDifferentlyJustifiesNothing() public {
        record(OPTICIAN, _substitutedOrder());
        record(OPTICIAN, substituted(LEFT));
        record(GLASSMAKER, changed(substituted(LEFT), 1));
        equal(exceptionsOf(LEFT), 3 | (NOW << AT), "not alike");
        equal(justifiedOf(LEFT), 0, "nothing");
    }

    function testASubstitutionClaimedAfterManufactureJustifiesNothingInAnyOrderOfArrival() public {
        record(OPTICIAN, _substitutedOrder());
        uint256 world = vm.snapshotState();
        record(GLASSMAKER, claimed(manufactured(LEFT), NOW - 1));
        record(OPTICIAN, claimed(substituted(LEFT), NOW - 5));
        record(GLASSMAKER, substituted(LEFT));
        equal(exceptionsOf(LEFT), 0xF | (3 << 4) | (NOW << AT), "the later claim of both counts");
        equal(justifiedOf(LEFT), 0, "nothing");
        vm.revertToState(world);
        record(OPTICIAN, claimed(substituted(LEFT), NOW - 5));
        record(GLASSMAKER, substituted(LEFT));
        record(GLASSMAKER, claimed(manufactured(LEFT), NOW - 1));
        equal(exceptionsOf(LEFT), 0xF | (3 << 4) | (NOW << AT), "the same");
        vm.revertToState(world);
        record(OPTICIAN, claimed(substituted(LEFT), NOW - 5));
        record(GLASSMAKER, claimed(substituted(LEFT), NOW - 1));
        record(GLASSMAKER, claimed(manufactured(LEFT), NOW - 1));
        equal(exceptionsOf(LEFT) & 8, 0, "at the same moment is not after");
        equal(justifiedOf(LEFT), 3, "justified");
    }

    // -------------------------------------------------------------------------------------- cancelled

    function testACancelledItemIsNotOpenWhoeverCancels() public {
        uint256 world = vm.snapshotState();
        record(OPTICIAN, claimed(cancelled(LEFT), NOW - 7));
        expectState(LEFT, (1 << 1) | (1 << 13), 0, 0, EXCEPTIONAL);
        equal(exceptionsOf(LEFT), (1 << 8) | ((NOW - 7) << CANCELLED_AT), "by the optician");
        equal(openOf(DOSSIER), 1, "the frame");
        record(GLASSMAKER, cancelled(LEFT));
        equal(exceptionsOf(LEFT), (3 << 8) | ((NOW - 7) << CANCELLED_AT), "by both");
        equal(openOf(DOSSIER), 1, "closed once");
        vm.revertToState(world);
        record(GLASSMAKER, cancelled(LEFT));
        equal(exceptionsOf(LEFT), 1 << 9, "by the glassmaker");
        equal(openOf(DOSSIER), 1, "the frame");
    }

    function testACancellationAfterManufactureIsMarkedInAnyOrderOfArrival() public {
        uint256 world = vm.snapshotState();
        record(GLASSMAKER, claimed(manufactured(LEFT), NOW - 1));
        record(OPTICIAN, cancelled(LEFT));
        equal((exceptionsOf(LEFT) >> 8) & 7, 5, "late");
        vm.revertToState(world);
        record(OPTICIAN, cancelled(LEFT));
        record(GLASSMAKER, claimed(manufactured(LEFT), NOW - 1));
        equal((exceptionsOf(LEFT) >> 8) & 7, 5, "the same");
        vm.revertToState(world);
        record(OPTICIAN, cancelled(LEFT));
        record(GLASSMAKER, manufactured(LEFT));
        equal((exceptionsOf(LEFT) >> 8) & 7, 1, "at the same moment is not after");
        vm.revertToState(world);
        record(GLASSMAKER, claimed(manufactured(LEFT), NOW - 1));
        record(GLASSMAKER, cancelled(LEFT));
        equal((exceptionsOf(LEFT) >> 8) & 7, 2, "the optician's alone counts");
    }

    // -------------------------------------------------------------- refused, broken, returned, credited

    function testWhatHappensToTheObjectLeavesEverythingElse() public {
        for (uint8 kind = 14; kind < 17; kind++) {
            record(OPTICIAN, _step(kind, LEFT));
        }
        expectState(LEFT, (1 << 1) | (7 << 14), 0, 0, OPEN);
        equal(exceptionsOf(LEFT), 0, "no exceptions word");
        equal(openOf(DOSSIER), 2, "items open");
    }

    function testACreditNeedsManufactureClosesTheItemAndFreesItsNullifier() public {
        refuse(GLASSMAKER, credited(LEFT), ISteps.Outcome.PredecessorMissing);
        record(GLASSMAKER, manufactured(LEFT));
        record(GLASSMAKER, credited(LEFT));
        expectState(LEFT, 0xA | (1 << 17), 0, 0, 0);
        equal(openOf(DOSSIER), 1, "the frame");
        (bytes16 bound,) = ledger.nullifierOf(root(LEFT, "nullifier", 1));
        equal(bytes32(bound), 0, "free");
    }

    function testACreditFreesNoNullifierOfAnotherItem() public {
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        record(GLASSMAKER, manufactured(LEFT));
        record(GLASSMAKER, manufactured(RIGHT));
        ISteps.Step memory step = credited(LEFT);
        step.words[0] = root(RIGHT, "nullifier", 1);
        record(GLASSMAKER, step);
        (bytes16 bound,) = ledger.nullifierOf(root(RIGHT, "nullifier", 1));
        equal(bytes32(bound), bytes32(RIGHT), "bound as before");
        (bound,) = ledger.nullifierOf(root(LEFT, "nullifier", 1));
        equal(bytes32(bound), bytes32(LEFT), "not freed either");
    }

    function _substitutedOrder() private view returns (ISteps.Step memory order) {
        order = ordered(LEFT);
        (order.words[0], order.words[1]) = (root(LEFT, "product", 2), root(LEFT, "supplements", 2));
    }

    function _recordOnce(uint32 party, uint8 kind) private {
        record(party, _step(kind, LEFT));
        ISteps.Step memory again = _step(kind, LEFT);
        again.witness = new bytes32[](0);
        refuse(party, again, ISteps.Outcome.Repeated);
    }

    function _step(uint8 kind, bytes16 item) private view returns (ISteps.Step memory) {
        if (kind == 12) return substituted(item);
        if (kind == 13) return cancelled(item);
        return kind == 17 ? credited(item) : plain(kind, item, 1 << 64);
    }
}
