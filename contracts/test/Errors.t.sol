// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev Errors declared: by whom, in which comparison, and what they justify.
contract ErrorsTest is Relay {
    bytes32 private constant WRONG = keccak256("wrong");

    /// @dev The kinds on the two sides of each comparison; the second is played last.
    uint8[13] private _one = [1, 1, 2, 2, 2, 3, 3, 3, 1, 1, 1, 1, 3];
    uint8[13] private _other = [2, 2, 3, 3, 3, 7, 7, 7, 7, 7, 7, 7, 6];

    function testAnErrorIsDeclaredByTheOpticianOrTheItemsGlassmaker() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        uint32[4] memory others = [OTHER_OPTICIAN, OTHER_GLASSMAKER, INSURER, AUDITOR];
        for (uint256 i = 0; i < 4; i++) {
            refuse(others[i], incorrect(LEFT, 0, 2, WRONG), ISteps.Outcome.NotAllowed);
        }
    }

    function testAGlassmakerDeclaresNoErrorBetweenQuoteAndInvoice() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        for (uint8 comparison = 0; comparison < 13; comparison++) {
            ISteps.Step memory step = incorrect(LEFT, comparison, _other[comparison], WRONG);
            bool its = comparison < 8 || comparison == 12;
            if (its) record(GLASSMAKER, step);
            else refuse(GLASSMAKER, step, ISteps.Outcome.NotAllowed);
            record(OPTICIAN, incorrect(LEFT, comparison, _other[comparison], WRONG));
        }
    }

    function testAnErrorNeedsTheItemAndItsTable() public {
        refuse(OPTICIAN, incorrect(LEFT, 0, 2, WRONG), ISteps.Outcome.PredecessorMissing);
        refuse(GLASSMAKER, incorrect(LEFT, 0, 2, WRONG), ISteps.Outcome.UnknownSubject);
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.Step memory step = incorrect(LEFT, 0, 2, WRONG);
        record(OPTICIAN, ordered(LEFT));
        refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
    }

    function testEachPartyDeclaresOneErrorInEachComparison() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        for (uint8 comparison = 0; comparison < 13; comparison++) {
            record(OPTICIAN, incorrect(LEFT, comparison, _one[comparison], WRONG));
            refuse(OPTICIAN, incorrect(LEFT, comparison, _other[comparison], WRONG), ISteps.Outcome.Repeated);
            equal(exceptionsOf(LEFT), (uint256(2) << comparison) - 1 << 16, "by the optician");
            equal(kindsOf(LEFT), (1 << 1) | (1 << 19), "kinds");
        }
        record(GLASSMAKER, incorrect(LEFT, 12, 6, WRONG));
        refuse(GLASSMAKER, incorrect(LEFT, 12, 3, WRONG), ISteps.Outcome.Repeated);
        equal(exceptionsOf(LEFT), (0x1FFF << 16) | (1 << 44), "by the glassmaker too, not alike");
        record(GLASSMAKER, incorrect(LEFT, 3, 2, WRONG));
        equal(exceptionsOf(LEFT), (0x1FFF << 16) | (0x1008 << 32) | (1 << 51), "alike in the fourth");
    }

    /// @dev Every comparison with either side in error, and the declaration before, between and after its sides.
    function testADeclaredErrorJustifiesItsOneBitInAnyOrderOfArrival() public {
        for (uint8 comparison = 0; comparison < 13; comparison++) {
            bool framed = comparison == 10 || comparison == 11;
            for (uint256 side = 0; side < 2; side++) {
                for (uint256 place = 0; place < 3; place++) {
                    uint256 world = vm.snapshotState();
                    bytes16 item = framed ? FRAME : LEFT;
                    uint8 inError = side == 0 ? _one[comparison] : _other[comparison];
                    _play(item, comparison, inError, place);
                    uint256 bit = uint256(1) << comparison;
                    check(mismatchesOf(item) & bit != 0, "the sides differ");
                    equal(justifiedOf(item), bit, "its bit alone");
                    check(exceptionsOf(item) & (bit << 64) != 0, "the corrected root is the other side's");
                    vm.revertToState(world);
                }
            }
        }
    }

    function testACorrectionThatIsNotTheOtherSidesRootJustifiesNothing() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, changed(ordered(LEFT), 0));
        record(OPTICIAN, incorrect(LEFT, 0, 2, WRONG));
        record(GLASSMAKER, incorrect(LEFT, 0, 2, WRONG));
        equal(justifiedOf(LEFT), 0, "nothing");
        equal(exceptionsOf(LEFT), (1 << 16) | (uint256(1) << 32) | (uint256(1) << 48), "alike and not corrected");
    }

    function testOneOfTwoPartiesAloneJustifiesNothing() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, changed(ordered(LEFT), 0));
        record(OPTICIAN, incorrect(LEFT, 0, 2, root(LEFT, "product", 1)));
        equal(justifiedOf(LEFT), 0, "nothing");
        record(GLASSMAKER, incorrect(LEFT, 0, 1, root(LEFT, "product", 1)));
        equal(justifiedOf(LEFT), 0, "nor two that say different things");
    }

    function testAnErrorDeclaredAfterACheckJustifiesNothing() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, changed(invoiced(DOSSIER, some(LEFT)), 6));
        record(OPTICIAN, incorrect(LEFT, 9, 7, root(LEFT, "price", 1)));
        equal(justifiedOf(LEFT), 1 << 9, "without a check");
        record(INSURER, verified(DOSSIER));
        equal(justifiedOf(LEFT), 1 << 9, "a check of the same moment is not before it");
        record(INSURER, claimed(nth(verified(DOSSIER), 1), NOW - 1));
        equal(justifiedOf(LEFT), 0, "a check claimed before it");
    }

    function testOfTwoDeclarationsTheLaterClaimCounts() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, changed(ordered(LEFT), 0));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(INSURER, claimed(verified(DOSSIER), NOW - 5));
        bytes32 right = root(LEFT, "product", 1);
        uint256 world = vm.snapshotState();
        record(OPTICIAN, claimed(incorrect(LEFT, 0, 2, right), NOW - 9));
        record(GLASSMAKER, claimed(incorrect(LEFT, 0, 2, right), NOW - 5));
        equal(justifiedOf(LEFT), 1, "both not after the check");
        vm.revertToState(world);
        record(GLASSMAKER, claimed(incorrect(LEFT, 0, 2, right), NOW - 4));
        record(OPTICIAN, claimed(incorrect(LEFT, 0, 2, right), NOW - 9));
        equal(justifiedOf(LEFT), 0, "one after the check");
        vm.revertToState(world);
        record(OPTICIAN, claimed(incorrect(LEFT, 0, 2, right), NOW - 9));
        record(GLASSMAKER, claimed(incorrect(LEFT, 0, 2, right), NOW - 4));
        equal(justifiedOf(LEFT), 0, "whichever arrives last");
    }

    function testBothSayThatAStepDidNotOccur() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        uint8[3] memory kinds = [2, 3, 6];
        uint8[3] memory comparisons = [0, 5, 12];
        for (uint256 i = 0; i < 3; i++) {
            record(OPTICIAN, never(LEFT, comparisons[i], kinds[i]));
            equal((exceptionsOf(LEFT) >> 13) & 7, (1 << i) - 1, "the optician alone says nothing yet");
            record(GLASSMAKER, never(LEFT, comparisons[i], kinds[i]));
            equal((exceptionsOf(LEFT) >> 13) & 7, (2 << i) - 1, "both do");
        }
        equal(justifiedOf(LEFT), 0, "and justify no mismatch");
    }

    function testComparisonsOfFramesAreNotCorrectedForALens() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, incorrect(LEFT, 10, 1, root(LEFT, "product", 1)));
        equal(exceptionsOf(LEFT), 1 << 26, "declared, not corrected");
    }

    function testAWithdrawnInvoiceCorrectsNothingAnyMore() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, changed(invoiced(DOSSIER, some(LEFT)), 6));
        record(OPTICIAN, nth(changed(changed(invoiced(DOSSIER, some(LEFT)), 6), 6), 1));
        bytes32 price = invoiced(DOSSIER, some(LEFT)).words[6];
        record(OPTICIAN, incorrect(LEFT, 9, 1, keccak256(abi.encode(price, "changed"))));
        equal(justifiedOf(LEFT), 1 << 9, "corrected by the first invoice");
        record(OPTICIAN, withdrawn(DOSSIER, 0, some(LEFT)));
        equal(mismatchesOf(LEFT), 1 << 9, "the second differs");
        equal(justifiedOf(LEFT), 0, "and was not what the optician meant");
    }

    /// @dev The given item's quote is compared with its own invoices alone, so an inherited one corrects nothing there.
    function testAnInheritedInvoiceCorrectsOnlyWhatWasMade() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, changed(invoiced(DOSSIER, some(LEFT)), 6));
        bytes32 price = changed(invoiced(DOSSIER, some(LEFT)), 6).words[6];
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        uint256 world = vm.snapshotState();
        record(OPTICIAN, incorrect(NEXT, 9, 1, price));
        record(OPTICIAN, incorrect(NEXT, 5, 3, root(LEFT, "product", 1)));
        record(OPTICIAN, exchanged(NEXT, LEFT));
        equal(exceptionsOf(NEXT) >> 64, 1 << 5, "declared before");
        vm.revertToState(world);
        record(OPTICIAN, exchanged(NEXT, LEFT));
        record(OPTICIAN, incorrect(NEXT, 9, 1, price));
        record(OPTICIAN, incorrect(NEXT, 5, 3, root(LEFT, "product", 1)));
        equal(exceptionsOf(NEXT) >> 64, 1 << 5, "declared afterwards");
        record(OPTICIAN, nth(changed(invoiced(DOSSIER, some(NEXT)), 6), 1));
        record(OPTICIAN, nth(withdrawn(DOSSIER, 1, some(NEXT)), 1));
        equal(exceptionsOf(NEXT) >> 64, 1 << 5, "looked at again when the item's own was withdrawn");
    }

    /// @dev Play what comparison is about on `item`, its last side differing, and declare the error: 0 first, 1 between
    /// the sides, 2 last.
    function _play(bytes16 item, uint8 comparison, uint8 inError, uint256 place) private {
        record(OPTICIAN, quoted(item, DOSSIER, item == FRAME ? 0 : GLASSMAKER));
        ISteps.Step memory one = _side(item, _one[comparison]);
        ISteps.Step memory other = _side(item, _other[comparison]);
        uint256 word = _wordOf(_other[comparison], comparison);
        bytes32 differing = keccak256(abi.encode(other.words[word], "changed"));
        bool first = inError == _one[comparison];
        bytes32 right = first ? differing : one.words[_wordOf(_one[comparison], comparison)];
        if (place == 0) _declare(item, comparison, inError, right);
        if (_one[comparison] != 1) record(_one[comparison] == 3 ? GLASSMAKER : OPTICIAN, _side(item, _one[comparison]));
        if (place == 1) _declare(item, comparison, inError, right);
        other = changed(_side(item, _other[comparison]), word);
        record(_other[comparison] == 3 ? GLASSMAKER : OPTICIAN, other);
        if (place == 2) _declare(item, comparison, inError, right);
    }

    function _declare(bytes16 item, uint8 comparison, uint8 inError, bytes32 right) private {
        record(OPTICIAN, incorrect(item, comparison, inError, right));
        bool joint = comparison < 8 || comparison == 12;
        if (joint) record(GLASSMAKER, incorrect(item, comparison, inError, right));
    }

    function _side(bytes16 item, uint8 kind) private view returns (ISteps.Step memory) {
        if (kind == 1) return quoted(item, DOSSIER, GLASSMAKER);
        if (kind == 2) return ordered(item);
        if (kind == 3) return manufactured(item);
        return kind == 6 ? delivered(item) : invoiced(DOSSIER, some(item));
    }

    /// @dev Which word of a step of `kind` that comparison is about.
    function _wordOf(uint8 kind, uint8 comparison) private pure returns (uint256) {
        bytes memory groups = hex"00010001020001030304000105";
        uint8 group = uint8(groups[comparison]);
        if (kind == 1) return group < 2 ? 1 + group : group;
        if (kind == 3) return group == 5 ? 4 : group;
        if (kind == 7) return group < 2 ? 3 + group : 2 + group;
        return kind == 6 ? 0 : group;
    }
}
