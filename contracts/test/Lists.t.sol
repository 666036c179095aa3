// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev What becomes of whole lists.
contract ListsTest is Relay {
    ISteps.Step[] private _steps;

    function testAnybodyMayRelay() public {
        ISteps.SignedList[] memory lists = new ISteps.SignedList[](1);
        lists[0] = _good();
        vm.prank(address(0x1234));
        equal(uint8(ledger.submit(lists)[0][0]), 0, "recorded");
    }

    function testNoListsAreNoWork() public {
        equal(ledger.submit(new ISteps.SignedList[](0)).length, 0, "no outcomes");
        equal(ledger.count(), 0, "nothing recorded");
    }

    function testAnEmptyListIsMalformed() public {
        ISteps.SignedList memory list = listOf(OPTICIAN, new ISteps.Step[](0));
        ignore(list, ISteps.Outcome.Malformed);
    }

    function testAListIsGoodUntilItsDeadlineAndNotAfter() public {
        ISteps.SignedList memory list = _good();
        vm.warp(uint256(list.deadline) + 1);
        ignore(list, ISteps.Outcome.Expired);
        vm.warp(list.deadline);
        equal(uint8(relay(list)[0]), 0, "recorded in the last second");
    }

    function testADeadlineMayLieThirtyFiveDaysAheadAndNoMore() public {
        ISteps.SignedList memory list = _good();
        list.deadline = uint40(NOW + 35 days + 1);
        sign(list, keyOf(OPTICIAN));
        ignore(list, ISteps.Outcome.DeadlineTooFar);
        vm.warp(NOW + 1);
        equal(uint8(relay(list)[0]), 0, "recorded a second later");
    }

    function testTheFurthestDeadlineThereIsDoesNotRevert() public {
        ISteps.SignedList memory list = _good();
        list.deadline = type(uint40).max;
        ignore(list, ISteps.Outcome.DeadlineTooFar);
    }

    function testAnUnknownKeyIsNotGood() public {
        ISteps.SignedList memory list = _good();
        list.signer = vm.addr(42);
        sign(list, 42);
        ignore(list, ISteps.Outcome.KeyNotGood);
        list.signer = address(0);
        ignore(list, ISteps.Outcome.KeyNotGood);
    }

    function testTheKeyOfAnotherPartyIsNotGood() public {
        ISteps.SignedList memory list = _good();
        list.signer = signerOf(OTHER_OPTICIAN);
        sign(list, keyOf(OTHER_OPTICIAN));
        ignore(list, ISteps.Outcome.KeyNotGood);
    }

    function testAnUnknownPartyHasNoGoodKey() public {
        ISteps.SignedList memory list = _good();
        list.party = 0;
        list.signer = vm.addr(42);
        sign(list, 42);
        ignore(list, ISteps.Outcome.KeyNotGood);
    }

    function testARevokedKeyIsNotGood() public {
        ISteps.SignedList memory list = _good();
        registry.revokeKey(signerOf(OPTICIAN));
        ignore(list, ISteps.Outcome.KeyNotGood);
    }

    function testTheKeyOfARevokedPartyIsNotGood() public {
        ISteps.SignedList memory list = _good();
        registry.revoke(OPTICIAN);
        ignore(list, ISteps.Outcome.KeyNotGood);
    }

    function testARetiredKeyIsGoodForThirtyDaysForStepsClaimedBefore() public {
        ISteps.SignedList memory list = _good();
        registry.retireKey(signerOf(OPTICIAN));
        vm.warp(NOW + 30 days + 1);
        ignore(list, ISteps.Outcome.KeyNotGood);
        vm.warp(NOW + 30 days);
        equal(uint8(relay(list)[0]), 0, "recorded in the last second of grace");
    }

    function testAStepClaimedAfterTheKeyWasRetiredIsSkipped() public {
        registry.retireKey(signerOf(OPTICIAN));
        vm.warp(NOW + 1);
        refuse(
            OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER), ISteps.Outcome.ClaimedAfterRetirement
        );
    }

    function testTheListsOfASuspendedPartyWaitAndAreNotLost() public {
        ISteps.SignedList memory list = _good();
        registry.suspend(OPTICIAN);
        ignore(list, ISteps.Outcome.PartySuspended);
        registry.reinstate(OPTICIAN);
        equal(uint8(relay(list)[0]), 0, "recorded once reinstated");
    }

    function testAPauseStopsRecordingUntilItEnds() public {
        ISteps.SignedList memory list = _good();
        ledger.pause(uint40(NOW + 10));
        ignore(list, ISteps.Outcome.Paused);
        vm.warp(NOW + 9);
        ignore(list, ISteps.Outcome.Paused);
        vm.warp(NOW + 10);
        equal(uint8(relay(list)[0]), 0, "recorded when the pause is over");
    }

    function testAPauseCanBeLifted() public {
        ledger.pause(uint40(NOW + 30 days));
        ledger.pause(0);
        equal(uint8(relay(_good())[0]), 0, "recorded");
    }

    function testOneBadListSinksNoOther() public {
        ISteps.SignedList[] memory lists = new ISteps.SignedList[](3);
        lists[0] = _good();
        lists[1] = _good();
        lists[1].signature[10] ^= 0x01;
        lists[2] = listOf(OTHER_GLASSMAKER, shipped(LEFT));
        bytes[] memory outcomes = ledger.submit(lists);
        equal(uint8(outcomes[0][0]), uint8(ISteps.Outcome.Recorded), "first");
        equal(uint8(outcomes[1][0]), uint8(ISteps.Outcome.BadSignature), "second");
        equal(uint8(outcomes[2][0]), uint8(ISteps.Outcome.NotAllowed), "third");
        equal(ledger.count(), 1, "one step recorded");
    }

    function testOneBadStepSinksNoOther() public {
        _steps.push(quoted(LEFT, DOSSIER, GLASSMAKER));
        _steps.push(quoted(LEFT, DOSSIER, GLASSMAKER));
        _steps.push(shipped(LEFT));
        _steps.push(quoted(RIGHT, DOSSIER, GLASSMAKER));
        bytes memory outcomes = relay(listOf(OPTICIAN, _steps));
        equal(uint8(outcomes[0]), uint8(ISteps.Outcome.Recorded), "first");
        equal(uint8(outcomes[1]), uint8(ISteps.Outcome.Repeated), "again");
        equal(uint8(outcomes[2]), uint8(ISteps.Outcome.NotAllowed), "not an optician's");
        equal(uint8(outcomes[3]), uint8(ISteps.Outcome.Recorded), "last");
        equal(ledger.count(), 2, "numbers leave no hole");
    }

    function testOfAListOfFiftyStepsWithOneBadFortyNineAreRecorded() public {
        for (uint256 i = 0; i < 50; i++) {
            bytes16 item = bytes16((uint128(OPTICIAN) << 96) | uint128(i + 1));
            _steps.push(quoted(item, DOSSIER, i == 23 ? NOBODY : GLASSMAKER));
        }
        bytes memory outcomes = relay(listOf(OPTICIAN, _steps));
        for (uint256 i = 0; i < 50; i++) {
            equal(uint8(outcomes[i]), uint8(i == 23 ? ISteps.Outcome.NotAllowed : ISteps.Outcome.Recorded), "outcome");
        }
        equal(ledger.count(), 49, "the ledger's number");
        equal(uint16(ledger.dossierOf(DOSSIER) >> 32), 49, "items quoted");
    }

    function testWhatARevokedKeySignedBeforeStaysAndNothingAfterCounts() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.SignedList memory signedBefore = listOf(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        bytes32 before = snapshot();
        registry.revokeKey(signerOf(OPTICIAN));
        equal(snapshot(), before, "what is recorded stays");
        ignore(signedBefore, ISteps.Outcome.KeyNotGood);

        registry.addKey(OPTICIAN, vm.addr(42), 0);
        signedBefore.signer = vm.addr(42);
        sign(signedBefore, 42);
        equal(uint8(relay(signedBefore)[0]), 0, "signed again with a new key it counts");
    }

    function testARotationLeavesBothKeysGoodForWhatWasClaimedBefore() public {
        ISteps.SignedList memory old = _good();
        registry.addKey(OPTICIAN, vm.addr(42), 0);
        registry.retireKey(signerOf(OPTICIAN));
        ISteps.SignedList memory fresh = listOf(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        fresh.signer = vm.addr(42);
        sign(fresh, 42);
        equal(uint8(relay(fresh)[0]), 0, "the new key");
        equal(uint8(relay(old)[0]), 0, "the old key");
    }

    function testAListSentAgainRecordsNothingAgain() public {
        ISteps.SignedList memory list = _good();
        relay(list);
        bytes32 before = snapshot();
        equal(uint8(relay(list)[0]), uint8(ISteps.Outcome.Repeated), "repeated");
        equal(snapshot(), before, "nothing changed");
    }

    function _good() private view returns (ISteps.SignedList memory) {
        return listOf(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
    }
}
