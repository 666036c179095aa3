// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev Who may sign which step on an item, when, and what becomes of it otherwise.
contract ItemStepsTest is Relay {
    uint256 private constant OPEN = 1 << 9;
    bytes16 private constant FOREIGN = bytes16(uint128(OTHER_OPTICIAN) << 96 | 0x1);

    // -------------------------------------------------------------------------------------------- quoted

    function testQuotedFixesGlassmakerAndDossierOfTheItem() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        expectState(LEFT, 1 << 1, 0, 0, OPEN);
        equal(glassmakerOf(LEFT), GLASSMAKER, "glassmaker of the item");
        equal(ledger.dossierOf(DOSSIER), (1 << 1) | (1 << 32) | (1 << 48), "kinds, items quoted, items open");
        equal(ledger.count(), 1, "number");
    }

    function testQuotedIsRefusedToAnybodyButTheMakerOfItemAndDossier() public {
        refuse(OTHER_OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER), ISteps.Outcome.NotAllowed);
        refuse(OTHER_OPTICIAN, quoted(FOREIGN, DOSSIER, GLASSMAKER), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, quoted(FOREIGN, DOSSIER, GLASSMAKER), ISteps.Outcome.NotAllowed);
        uint32[4] memory others = [GLASSMAKER, INSURER, AUDITOR, OPERATOR];
        for (uint256 i = 0; i < 4; i++) {
            bytes16 own = bytes16(uint128(others[i]) << 96 | 1);
            refuse(others[i], quoted(own, own, 0), ISteps.Outcome.NotAllowed);
        }
    }

    function testQuotedNamesAGlassmakerOrNobody() public {
        refuse(OPTICIAN, quoted(LEFT, DOSSIER, INSURER), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, quoted(LEFT, DOSSIER, NOBODY), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
        registry.suspend(GLASSMAKER);
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        registry.revoke(GLASSMAKER);
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
    }

    function testQuotedHappensOnceWhateverItSays() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        refuse(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER), ISteps.Outcome.Repeated);
        refuse(OPTICIAN, quoted(LEFT, OTHER_DOSSIER, OTHER_GLASSMAKER), ISteps.Outcome.Repeated);
    }

    function testADossierHoldsNoMoreItemsThanItsStateCanCount() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        _storeQuoted(type(uint16).max);
        refuse(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER), ISteps.Outcome.NotAllowed);
        _storeQuoted(type(uint16).max - 1);
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
    }

    // ------------------------------------------------------------------ ordered, received, delivered

    function testTheOpticiansStepsNeedAQuote() public {
        refuse(OPTICIAN, ordered(LEFT), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, received(LEFT), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, delivered(LEFT), ISteps.Outcome.PredecessorMissing);
        refuse(OPTICIAN, plain(10, LEFT, 0), ISteps.Outcome.PredecessorMissing);
    }

    function testTheOpticiansStepsAreRefusedToAllOthers() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        uint32[3] memory others = [OTHER_OPTICIAN, GLASSMAKER, INSURER];
        for (uint256 i = 0; i < 3; i++) {
            refuse(others[i], ordered(LEFT), ISteps.Outcome.NotAllowed);
            refuse(others[i], received(LEFT), ISteps.Outcome.NotAllowed);
            refuse(others[i], delivered(LEFT), ISteps.Outcome.NotAllowed);
            refuse(others[i], plain(10, LEFT, 0), ISteps.Outcome.NotAllowed);
        }
    }

    function testReceivedNeedsOrderedAndNothingElse() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(GLASSMAKER, manufactured(LEFT));
        refuse(OPTICIAN, received(LEFT), ISteps.Outcome.PredecessorMissing);
        record(OPTICIAN, ordered(LEFT));
        record(OPTICIAN, received(LEFT));
        expectState(LEFT, 0x2E, 0, 0, OPEN);
    }

    function testDeliveredNeedsNoOrder() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, delivered(LEFT));
        expectState(LEFT, (1 << 1) | (1 << 6), 0, 0, OPEN);
    }

    function testAnItemWithoutAGlassmakerIsNeitherOrderedNorMadeNorShippedNorReceived() public {
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
        refuse(OPTICIAN, ordered(FRAME), ISteps.Outcome.NotAllowed);
        refuse(GLASSMAKER, manufactured(FRAME), ISteps.Outcome.NotAllowed);
        refuse(GLASSMAKER, shipped(FRAME), ISteps.Outcome.NotAllowed);
        refuse(OPTICIAN, received(FRAME), ISteps.Outcome.NotAllowed);
        refuse(GLASSMAKER, plain(9, FRAME, 0), ISteps.Outcome.NotAllowed);
        record(OPTICIAN, deliveredFrame(FRAME));
        record(OPTICIAN, plain(10, FRAME, 0));
    }

    // ---------------------------------------------------------------------------- manufactured, shipped

    function testTheGlassmakersStepsWaitForTheQuote() public {
        refuse(GLASSMAKER, manufactured(LEFT), ISteps.Outcome.UnknownSubject);
        refuse(GLASSMAKER, shipped(LEFT), ISteps.Outcome.UnknownSubject);
        refuse(GLASSMAKER, plain(9, LEFT, 0), ISteps.Outcome.UnknownSubject);
    }

    function testTheGlassmakersStepsAreRefusedToAllOthers() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        uint32[3] memory others = [OPTICIAN, OTHER_GLASSMAKER, INSURER];
        for (uint256 i = 0; i < 3; i++) {
            refuse(others[i], manufactured(LEFT), ISteps.Outcome.NotAllowed);
            refuse(others[i], shipped(LEFT), ISteps.Outcome.NotAllowed);
            refuse(others[i], plain(9, LEFT, 0), ISteps.Outcome.NotAllowed);
        }
        record(GLASSMAKER, manufactured(LEFT));
        refuse(OTHER_GLASSMAKER, manufactured(LEFT), ISteps.Outcome.NotAllowed);
    }

    function testManufacturedNeedsNoOrderAndShippedNeedsManufactured() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        refuse(GLASSMAKER, shipped(LEFT), ISteps.Outcome.PredecessorMissing);
        record(GLASSMAKER, manufactured(LEFT));
        record(GLASSMAKER, shipped(LEFT));
        expectState(LEFT, 0x1A, 0, 0, OPEN);
    }

    function testAnItemMayBeAcknowledgedAndMountedAtAnyTime() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, plain(10, LEFT, 0));
        record(GLASSMAKER, plain(9, LEFT, 0));
        expectState(LEFT, (1 << 1) | (1 << 9) | (1 << 10), 0, 0, OPEN);
        refuse(OPTICIAN, plain(10, LEFT, 0), ISteps.Outcome.Repeated);
        refuse(GLASSMAKER, plain(9, LEFT, 0), ISteps.Outcome.Repeated);
    }

    function testTheGlassmakerSaysThatItMadeUnderWarranty() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.Step memory step = manufactured(LEFT);
        step.head |= bytes32(uint256(1) << 64);
        record(GLASSMAKER, step);
        expectState(LEFT, 0xA, 0, 0, OPEN | (1 << 4));
    }

    // --------------------------------------------------------------------------- repeats, times, witness

    function testEveryStepHappensOnceAndItsRepeatIsSeenWhateverTheWitness() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, ordered(LEFT));
        record(GLASSMAKER, manufactured(LEFT));
        record(GLASSMAKER, shipped(LEFT));
        record(OPTICIAN, received(LEFT));
        record(OPTICIAN, delivered(LEFT));

        ISteps.Step memory again = ordered(LEFT);
        again.witness = new bytes32[](0);
        refuse(OPTICIAN, again, ISteps.Outcome.Repeated);
        again.words[0] = keccak256("another product");
        refuse(OPTICIAN, again, ISteps.Outcome.Repeated);
        refuse(GLASSMAKER, manufactured(LEFT), ISteps.Outcome.Repeated);
        refuse(GLASSMAKER, shipped(LEFT), ISteps.Outcome.Repeated);
        refuse(OPTICIAN, received(LEFT), ISteps.Outcome.Repeated);
        refuse(OPTICIAN, delivered(LEFT), ISteps.Outcome.Repeated);
    }

    function testAStepMayBeClaimedAQuarterOfAnHourAheadAndNoMore() public {
        ISteps.Step memory step = quoted(LEFT, DOSSIER, GLASSMAKER);
        step.head = head(1, 0, NOW + 901, LEFT, (uint72(GLASSMAKER) << 40) | 0x010100);
        refuse(OPTICIAN, step, ISteps.Outcome.ClaimedAhead);
        step.head = head(1, 0, NOW + 900, LEFT, (uint72(GLASSMAKER) << 40) | 0x010100);
        record(OPTICIAN, step);
    }

    function testAStepMayBeClaimedLongBefore() public {
        ISteps.Step memory step = quoted(LEFT, DOSSIER, GLASSMAKER);
        step.head = head(1, 0, NOW - 14 days, LEFT, (uint72(GLASSMAKER) << 40) | 0x010100);
        record(OPTICIAN, step);
    }

    function testAWitnessThatIsNotTheRecordedTableIsStale() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.Step memory step = ordered(LEFT);
        bytes32[] memory good = step.witness;
        for (uint256 what = 0; what < 5; what++) {
            bytes32[] memory witness = new bytes32[](what == 0 ? 5 : what == 1 ? 7 : what == 2 ? 0 : 6);
            for (uint256 i = 0; i < witness.length && i < 6; i++) {
                witness[i] = good[i];
            }
            if (what == 3) (witness[0], witness[1]) = (witness[1], witness[0]);
            if (what == 4) witness[3] ^= bytes32(uint256(1));
            step.witness = witness;
            refuse(OPTICIAN, step, ISteps.Outcome.StaleWitness);
        }
        step.witness = good;
        record(OPTICIAN, step);
    }

    function testAWitnessOfAnEarlierTableIsStale() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.Step memory early = manufactured(LEFT);
        record(OPTICIAN, ordered(LEFT));
        refuse(GLASSMAKER, early, ISteps.Outcome.StaleWitness);
        record(GLASSMAKER, manufactured(LEFT));
    }

    /// @dev Make the dossier's state say that `items` were quoted; its mapping stands in slot 3.
    function _storeQuoted(uint256 items) private {
        bytes32 slot = keccak256(abi.encode(DOSSIER, 3));
        uint256 state = uint256(vm.load(address(ledger), slot));
        equal(state, ledger.dossierOf(DOSSIER), "the right slot");
        vm.store(address(ledger), slot, bytes32((state & ~(uint256(0xFFFF) << 32)) | (items << 32)));
    }
}
