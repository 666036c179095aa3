// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";
import {Vm} from "./support/Vm.sol";

/// @dev A ledger can be rebuilt from its logs alone: numbers, heads, states, words.
contract LogsTest is Relay {
    ISteps.Step[] private _steps;
    uint256[] private _states;

    function testAQuoteLogsTheItemAndTheDossierThatItJoined() public {
        ISteps.Step memory step = quoted(LEFT, DOSSIER, GLASSMAKER);
        Vm.Log memory log = _log(OPTICIAN, step);
        _states = [stateOf(LEFT), ledger.dossierOf(DOSSIER)];
        _expect(log, OPTICIAN, step, 1);
    }

    function testAnItemStepLogsTheItemAlone() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        _expectItemAlone(GLASSMAKER, manufactured(LEFT), 2);
        _expectItemAlone(GLASSMAKER, shipped(LEFT), 3);
        _expectItemAlone(OPTICIAN, delivered(LEFT), 4);
        _expectItemAlone(OPTICIAN, plain(16, LEFT, 1 << 64), 5);
    }

    function testAnInvoiceLogsTheDossierAndItsItemsInOrder() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
        ISteps.Step memory step = invoiced(DOSSIER, some(FRAME, LEFT));
        Vm.Log memory log = _log(OPTICIAN, step);
        _states = [ledger.dossierOf(DOSSIER), stateOf(FRAME), stateOf(LEFT)];
        _expect(log, OPTICIAN, step, 3);
        step = verified(DOSSIER);
        log = _log(INSURER, step);
        _states = [ledger.dossierOf(DOSSIER)];
        _expect(log, INSURER, step, 4);
    }

    function testAnExceptionalItemLogsItsExceptionsAndTheDossierWhereItClosed() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.Step memory step = substituted(LEFT);
        Vm.Log memory log = _log(OPTICIAN, step);
        _states = [stateOf(LEFT), exceptionsOf(LEFT)];
        _expect(log, OPTICIAN, step, 2);
        step = cancelled(LEFT);
        log = _log(OPTICIAN, step);
        _states = [stateOf(LEFT), exceptionsOf(LEFT), ledger.dossierOf(DOSSIER)];
        _expect(log, OPTICIAN, step, 3);
        step = ordered(LEFT);
        log = _log(OPTICIAN, step);
        _states = [stateOf(LEFT), exceptionsOf(LEFT)];
        _expect(log, OPTICIAN, step, 4);
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
        step = invoiced(DOSSIER, some(LEFT, FRAME));
        log = _log(OPTICIAN, step);
        _states = [ledger.dossierOf(DOSSIER), stateOf(LEFT), exceptionsOf(LEFT), stateOf(FRAME)];
        _expect(log, OPTICIAN, step, 6);
        step = withdrawn(DOSSIER, 0, some(FRAME, LEFT));
        log = _log(OPTICIAN, step);
        _states = [ledger.dossierOf(DOSSIER), stateOf(FRAME), stateOf(LEFT), exceptionsOf(LEFT)];
        _expect(log, OPTICIAN, step, 7);
    }

    function testAReplacementLogsBothItemsAndAnExchangeBothToo() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.Step memory step = replacing(NEXT, DOSSIER, GLASSMAKER, LEFT);
        Vm.Log memory log = _log(OPTICIAN, step);
        _states = [stateOf(NEXT), stateOf(LEFT), ledger.dossierOf(DOSSIER)];
        _expect(log, OPTICIAN, step, 2);
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        step = exchanged(NEXT, LEFT);
        log = _log(OPTICIAN, step);
        _states = [stateOf(NEXT), stateOf(LEFT), ledger.dossierOf(DOSSIER)];
        _expect(log, OPTICIAN, step, 4);
    }

    function testABreakageLogsBothDossiersAndALotItself() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(RIGHT, OTHER_DOSSIER, GLASSMAKER));
        ISteps.Step memory step = said(26, OTHER_DOSSIER, 0, id(DOSSIER));
        Vm.Log memory log = _log(OPTICIAN, step);
        _states = [ledger.dossierOf(OTHER_DOSSIER), ledger.dossierOf(DOSSIER)];
        _expect(log, OPTICIAN, step, 3);
        step = lotShipped(OPTICIAN);
        log = _log(GLASSMAKER, step);
        (uint256 lot,) = ledger.lotOf(LOT);
        _states = [lot];
        _expect(log, GLASSMAKER, step, 4);
    }

    function testAListLogsItsStepsInOrderAndSkipsBetween() public {
        _steps.push(quoted(LEFT, DOSSIER, GLASSMAKER));
        _steps.push(shipped(LEFT));
        _steps.push(quoted(RIGHT, DOSSIER, GLASSMAKER));
        vm.recordLogs();
        relay(listOf(OPTICIAN, _steps));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 3, "one for each step");
        equal(logs[0].topics[0], ISteps.StepRecorded.selector, "first");
        equal(logs[1].topics[0], ISteps.StepSkipped.selector, "second");
        equal(logs[2].topics[0], ISteps.StepRecorded.selector, "third");
        (uint256 number,,) = abi.decode(logs[2].data, (uint256, bytes32, bytes32[]));
        equal(uint64(number), 2, "no hole where one was skipped");
    }

    function _expectItemAlone(uint32 party, ISteps.Step memory step, uint64 sequence) private {
        Vm.Log memory log = _log(party, step);
        _states = [stateOf(LEFT)];
        _expect(log, party, step, sequence);
    }

    /// @dev The one log of recording `step`.
    function _log(uint32 party, ISteps.Step memory step) private returns (Vm.Log memory) {
        vm.recordLogs();
        record(party, step);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 1, "one log");
        equal(logs[0].emitter, address(ledger), "of the ledger");
        equal(logs[0].topics[0], ISteps.StepRecorded.selector, "event");
        equal(logs[0].topics[1], bytes32(bytes16(step.head << 56)), "subject");
        return logs[0];
    }

    /// @dev Require that the log says number, party, head, `_states` and words, to the byte.
    function _expect(Vm.Log memory log, uint32 party, ISteps.Step memory step, uint64 sequence) private view {
        uint256 number = sequence | (uint256(party) << 64) | (_states.length << 96);
        bytes32[] memory content = new bytes32[](_states.length + step.words.length);
        for (uint256 i = 0; i < content.length; i++) {
            content[i] = i < _states.length ? bytes32(_states[i]) : step.words[i - _states.length];
        }
        equal(keccak256(log.data), keccak256(abi.encode(number, step.head, content)), "data");
        equal(ledger.count(), sequence, "count is the last number");
    }
}
