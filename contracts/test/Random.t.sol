// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Examples} from "./support/Examples.sol";

/// @dev Nothing that anybody submits makes the ledger revert. Random histories are in Invariants.t.sol.
contract RandomTest is Examples {
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
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        record(GLASSMAKER, lotShipped(OPTICIAN));
        for (uint256 i = 0; i < 16; i++) {
            uint8 kind = uint8(1 + _random(31));
            ISteps.Step memory step = example(kind);
            uint32 party = signerOfExample(kind);
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
