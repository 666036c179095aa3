// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev Properties over random input and random histories.
contract RandomTest is Relay {
    uint256 private _seed;

    function testFuzzNoHeadOrWordsMakeSubmitRevert(
        bytes32 head_,
        bytes32[] memory words,
        bytes32[] memory witness,
        uint8 who
    ) public {
        ISteps.Step memory step = ISteps.Step(head_, words, witness);
        ISteps.Outcome outcome = offer(_party(who), step);
        check(outcome != ISteps.Outcome.Recorded, "random bytes are no step");
    }

    /// @dev Closer to a step: a kind that exists, an own subject, a detail and words that may be right.
    /// forge-config: default.fuzz.runs = 128
    function testFuzzNoNearlyGoodStepMakesSubmitRevert(uint256 seed) public {
        _seed = seed;
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        for (uint256 i = 0; i < 8; i++) {
            (uint32 party, ISteps.Step memory step) = _randomStep();
            uint256 what = _random(6);
            if (what == 0) step.head ^= bytes32(uint256(1) << _random(256));
            if (what == 1 && step.words.length > 0) step.words[_random(step.words.length)] = bytes32(_random(3));
            if (what == 2) step.words = new bytes32[](_random(20));
            if (what == 3) step.witness = new bytes32[](_random(20));
            if (what == 4 && step.witness.length > 0) step.witness[_random(step.witness.length)] ^= bytes32(uint256(1));
            if (what == 5) party = _party(uint8(_random(256)));
            offer(party, step);
        }
    }

    function testFuzzNoListMakesSubmitRevert(uint32 party, uint40 deadline, uint8 who, bytes memory signature) public {
        ISteps.SignedList memory list = listOf(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        list.party = party;
        list.deadline = deadline;
        list.signer = signerOf(_party(who));
        list.signature = signature;
        relay(list);
        equal(ledger.count(), 0, "nothing is recorded without a signature");
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzzWhateverTheOrderNumbersAreContiguousAndBitsNeverFall(uint256 seed) public {
        _seed = seed;
        uint256 recorded = 0;
        uint256[3] memory states;
        bytes16[3] memory items = [LEFT, RIGHT, FRAME];
        for (uint256 i = 0; i < 40; i++) {
            (uint32 party, ISteps.Step memory step) = _randomStep();
            uint256 own = ledger.countOf(party);
            if (offer(party, step) == ISteps.Outcome.Recorded) {
                recorded++;
                own++;
            }
            equal(ledger.count(), recorded, "ledger-wide number");
            equal(ledger.countOf(party), own, "party's number");
            for (uint256 j = 0; j < 3; j++) {
                uint256 state = stateOf(items[j]);
                uint256 lasting = states[j] & type(uint80).max;
                equal(state & lasting, lasting, "kinds, mismatches and flags never fall");
                check(states[j] == 0 || states[j] >> 112 == state >> 112, "glassmaker and dossier are for good");
                check((state >> 80) & 0xFFFFFFFF >= (states[j] >> 80) & 0xFFFFFFFF, "sequence never falls");
                states[j] = state;
                (, bytes32 roots) = ledger.itemOf(items[j]);
                check(state == 0 || roots == keccak256(abi.encode(tableOf(items[j]))), "roots are those logged");
            }
        }
    }

    /// @dev The mismatches after a random history are exactly those between the roots recorded.
    /// forge-config: default.fuzz.runs = 48
    function testFuzzMismatchesAreThoseOfTheTable(uint256 seed) public {
        _seed = seed;
        for (uint256 i = 0; i < 40; i++) {
            (uint32 party, ISteps.Step memory step) = _randomStep();
            // A second invoice is compared but not kept, so it has no place here.
            if (uint8(bytes1(step.head)) == 7 && uint8(bytes1(step.head << 8)) != 0) continue;
            offer(party, step);
        }
        _expectMismatchesOfTable(LEFT, false);
        _expectMismatchesOfTable(RIGHT, false);
        _expectMismatchesOfTable(FRAME, true);
    }

    function _expectMismatchesOfTable(bytes16 item, bool framed) private view {
        bytes32[18] memory table = tableOf(item);
        uint8[13] memory one = [0, 1, 4, 5, 6, 7, 8, 10, 2, 3, 0, 1, 11];
        uint8[13] memory other = [4, 5, 7, 8, 9, 14, 15, 16, 16, 17, 14, 15, 13];
        uint256 bits = 0;
        for (uint256 i = 0; i < 13; i++) {
            if (!framed && (i == 10 || i == 11)) continue;
            bytes32 left = table[one[i]];
            bytes32 right = table[other[i]];
            if (left != 0 && right != 0 && left != right) bits |= 1 << i;
        }
        equal(mismatchesOf(item), bits, "mismatches");
    }

    /// @dev A step by the party that may sign it, in no particular order, now and then with another root.
    function _randomStep() private returns (uint32 party, ISteps.Step memory step) {
        bytes16[3] memory items = [LEFT, RIGHT, FRAME];
        uint256 which = _random(3);
        bytes16 item = items[which];
        uint8 kind = uint8(1 + _random(8));
        party = kind == 3 || kind == 4 ? GLASSMAKER : kind == 8 ? INSURER : OPTICIAN;
        if (kind == 1) step = quoted(item, DOSSIER, which == 2 ? 0 : GLASSMAKER);
        if (kind == 2) step = ordered(item);
        if (kind == 3) step = manufactured(item);
        if (kind == 4) step = shipped(item);
        if (kind == 5) step = received(item);
        if (kind == 6) step = delivered(item);
        bytes16[] memory covered = _random(2) == 0 ? some(item) : some(LEFT, RIGHT, FRAME);
        if (kind == 7) step = invoiced(DOSSIER, covered);
        if (kind == 8) step = verified(DOSSIER, covered);
        if (kind > 6) step.head |= bytes32(_random(3) << 240);
        if (_random(2) == 0 || step.words.length == 0 || kind == 8) return (party, step);
        uint256 word = _random(step.words.length);
        bool isId = (kind == 1 && word == 0) || (kind == 7 && word % 5 == 2);
        if (!isId) step.words[word] = keccak256(abi.encode(step.words[word], "other"));
    }

    function _random(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }

    function _party(uint8 who) private pure returns (uint32) {
        uint32[9] memory parties = [
            OPTICIAN,
            OTHER_OPTICIAN,
            GLASSMAKER,
            OTHER_GLASSMAKER,
            INSURER,
            OTHER_INSURER,
            THIRD_INSURER,
            AUDITOR,
            OPERATOR
        ];
        return parties[who % 9];
    }
}
