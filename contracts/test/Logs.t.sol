// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {IEquipmentLedger} from "../interfaces/IEquipmentLedger.sol";
import {Relay} from "./support/Relay.sol";
import {Vm} from "./support/Vm.sol";

/// @dev A ledger can be rebuilt from its logs alone: numbers, heads, words, states.
contract LogsTest is Relay {
    ISteps.Step[] private _steps;

    function testAQuoteLogsTheDossierThatItJoined() public {
        ISteps.Step memory step = quoted(LEFT, DOSSIER, GLASSMAKER);
        Vm.Log memory log = _log(OPTICIAN, step);
        _expectItemStep(log, OPTICIAN, step, 1, 1, ledger.dossierOf(DOSSIER));
    }

    function testAnItemStepLogsTheStateAfterItAndNoDossier() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.Step memory step = manufactured(LEFT);
        _expectItemStep(_log(GLASSMAKER, step), GLASSMAKER, step, 2, 1, 0);
        step = shipped(LEFT);
        _expectItemStep(_log(GLASSMAKER, step), GLASSMAKER, step, 3, 2, 0);
        step = delivered(LEFT);
        _expectItemStep(_log(OPTICIAN, step), OPTICIAN, step, 4, 2, 0);
    }

    function testADossierStepLogsTheStatesOfItsItemsInOrder() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
        ISteps.Step memory step = invoiced(DOSSIER, some(FRAME, LEFT));
        _expectDossierStep(_log(OPTICIAN, step), OPTICIAN, step, 3, 3, _states(FRAME, LEFT));
        step = verified(DOSSIER, some(LEFT, FRAME));
        _expectDossierStep(_log(INSURER, step), INSURER, step, 4, 1, _states(LEFT, FRAME));
    }

    function testAListLogsItsStepsInOrderAndSkipsBetween() public {
        _steps.push(quoted(LEFT, DOSSIER, GLASSMAKER));
        _steps.push(shipped(LEFT));
        _steps.push(quoted(RIGHT, DOSSIER, GLASSMAKER));
        vm.recordLogs();
        relay(listOf(OPTICIAN, _steps));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 3, "one for each step");
        equal(logs[0].topics[0], IEquipmentLedger.ItemStepRecorded.selector, "first");
        equal(logs[1].topics[0], ISteps.StepSkipped.selector, "second");
        equal(logs[2].topics[0], IEquipmentLedger.ItemStepRecorded.selector, "third");
        (uint64 sequence,,,,,) = abi.decode(logs[2].data, (uint64, uint64, bytes32, uint256, uint256, bytes32[]));
        equal(sequence, 2, "no hole where one was skipped");
    }

    /// @dev The one log of recording `step`.
    function _log(uint32 party, ISteps.Step memory step) private returns (Vm.Log memory) {
        vm.recordLogs();
        record(party, step);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 1, "one log");
        equal(logs[0].emitter, address(ledger), "of the ledger");
        equal(logs[0].topics[1], bytes32(bytes16(step.head << 56)), "subject");
        equal(logs[0].topics[2], bytes32(uint256(party)), "party");
        return logs[0];
    }

    function _expectItemStep(
        Vm.Log memory log,
        uint32 party,
        ISteps.Step memory step,
        uint64 sequence,
        uint64 partySequence,
        uint256 dossier
    ) private view {
        equal(log.topics[0], IEquipmentLedger.ItemStepRecorded.selector, "event");
        bytes memory wanted = abi.encode(sequence, partySequence, step.head, stateOf(LEFT), dossier, step.words);
        equal(keccak256(log.data), keccak256(wanted), "data");
        equal(ledger.count(), sequence, "count is the last number");
        equal(ledger.countOf(party), partySequence, "and the party's");
    }

    function _expectDossierStep(
        Vm.Log memory log,
        uint32 party,
        ISteps.Step memory step,
        uint64 sequence,
        uint64 partySequence,
        uint256[] memory states
    ) private view {
        equal(log.topics[0], IEquipmentLedger.DossierStepRecorded.selector, "event");
        bytes memory wanted =
            abi.encode(sequence, partySequence, step.head, ledger.dossierOf(DOSSIER), step.words, states);
        equal(keccak256(log.data), keccak256(wanted), "data");
        equal(ledger.count(), sequence, "count is the last number");
        equal(ledger.countOf(party), partySequence, "and the party's");
    }

    function _states(bytes16 one, bytes16 other) private view returns (uint256[] memory states) {
        states = new uint256[](2);
        states[0] = stateOf(one);
        states[1] = stateOf(other);
    }
}
