// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";
import {Vm} from "./support/Vm.sol";

/// @dev One object, one token: what stands behind a nullifier.
contract NullifiersTest is Relay {
    bytes32 private constant TOKEN = keccak256("token");

    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
    }

    function testWhatIsManufacturedIsBoundAndDeliveredUnderIt() public {
        _play(3, LEFT);
        _expect(LEFT, 0);
        _play(6, LEFT);
        _expect(LEFT, 0);
        _expectDuplicates(0, 0, 0);
    }

    function testWhatIsDeliveredBeforeItIsManufacturedIsRemembered() public {
        _play(6, LEFT);
        _expect(0, LEFT);
        _play(3, LEFT);
        _expect(LEFT, LEFT);
        _expectDuplicates(0, 0, 0);
    }

    function testTwoItemsManufacturedUnderOneTokenAreBothDuplicates() public {
        _play(3, LEFT);
        _playDuplicate(3, RIGHT, LEFT, 0);
        _expect(LEFT, 0);
        _expectDuplicates(1, 1, 0);
    }

    function testAnItemDeliveredUnderAnothersTokenMarksBoth() public {
        _play(3, LEFT);
        _playDuplicate(6, RIGHT, LEFT, 0);
        _expect(LEFT, RIGHT);
        _expectDuplicates(1, 1, 0);
        _playDuplicate(6, FRAME, LEFT, RIGHT);
        _expect(LEFT, RIGHT);
        _expectDuplicates(1, 1, 1);
    }

    function testAnItemManufacturedUnderATokenShownForAnotherMarksBoth() public {
        _play(6, RIGHT);
        _playDuplicate(3, LEFT, RIGHT, 0);
        _expect(LEFT, RIGHT);
        _expectDuplicates(1, 1, 0);
    }

    function testTwoItemsDeliveredUnderOneTokenAreBothDuplicates() public {
        _play(6, LEFT);
        _playDuplicate(6, RIGHT, LEFT, 0);
        _expect(0, LEFT);
        _expectDuplicates(1, 1, 0);
    }

    function testADuplicateIsLoggedAgainWhereItWasMarkedBefore() public {
        _play(3, LEFT);
        _playDuplicate(3, RIGHT, LEFT, 0);
        _playDuplicate(6, RIGHT, LEFT, 0);
        _expectDuplicates(1, 1, 0);
    }

    function testADrawnUnitBindsItsTokenToo() public {
        record(GLASSMAKER, lotShipped(OPTICIAN));
        record(OPTICIAN, drawn(LEFT, 0));
        (bytes16 bound,) = ledger.nullifierOf(unitOf(0)[0]);
        equal(bytes32(bound), bytes32(LEFT), "bound");
        vm.recordLogs();
        record(OPTICIAN, drawn(RIGHT, 0));
        equal(vm.getRecordedLogs().length, 2, "one unit drawn twice is found");
        _expectDuplicates(1, 1, 0);
    }

    function testACreditedTokenMayBeBoundAgain() public {
        _play(3, LEFT);
        ISteps.Step memory credit = credited(LEFT);
        credit.words[0] = TOKEN;
        record(GLASSMAKER, credit);
        _expect(0, 0);
        _play(3, RIGHT);
        _expect(RIGHT, 0);
        _expectDuplicates(0, 0, 0);
    }

    function testADeliveryWithoutATokenShowsNothing() public {
        record(OPTICIAN, deliveredFrame(FRAME));
        (bytes16 bound, bytes16 shown) = ledger.nullifierOf(0);
        equal(bytes32(bound) | bytes32(shown), 0, "nothing");
    }

    function _step(uint8 kind, bytes16 item) private view returns (ISteps.Step memory step) {
        step = kind == 3 ? manufactured(item) : delivered(item);
        step.words[kind == 3 ? 6 : 1] = TOKEN;
    }

    /// @dev Record a step under the token and require that it finds no duplicate.
    function _play(uint8 kind, bytes16 item) private {
        vm.recordLogs();
        record(kind == 3 ? GLASSMAKER : OPTICIAN, _step(kind, item));
        equal(vm.getRecordedLogs().length, 1, "the step alone");
    }

    /// @dev The same, and require that it finds `one` and, if not zero, `other`, with their states now.
    function _playDuplicate(uint8 kind, bytes16 item, bytes16 one, bytes16 other) private {
        vm.recordLogs();
        record(kind == 3 ? GLASSMAKER : OPTICIAN, _step(kind, item));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, other == 0 ? 2 : 3, "logs");
        for (uint256 i = 0; i + 1 < logs.length; i++) {
            bytes16 found = i == 0 ? one : other;
            equal(logs[i].topics[0], ISteps.DuplicateFound.selector, "event");
            equal(logs[i].topics[1], bytes32(found), "the item that the step does not speak of");
            equal(keccak256(logs[i].data), keccak256(abi.encode(stateOf(found))), "its state now");
        }
        equal(logs[logs.length - 1].topics[0], ISteps.StepRecorded.selector, "then the step");
    }

    function _expect(bytes16 bound, bytes16 shown) private view {
        (bytes16 seenBound, bytes16 seenShown) = ledger.nullifierOf(TOKEN);
        equal(bytes32(seenBound), bytes32(bound), "bound");
        equal(bytes32(seenShown), bytes32(shown), "shown");
    }

    function _expectDuplicates(uint256 left, uint256 right, uint256 frame) private view {
        equal(flagsOf(LEFT) & 1, left, "left");
        equal(flagsOf(RIGHT) & 1, right, "right");
        equal(flagsOf(FRAME) & 1, frame, "frame");
    }
}
