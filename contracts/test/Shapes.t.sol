// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";

/// @dev What is malformed: every rule broken once, and the step as it should be beside it.
contract ShapesTest is Relay {
    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
    }

    function testAKindThatDoesNotExistIsMalformed() public {
        for (uint256 kind = 0; kind < 256; kind++) {
            if (kind > 0 && kind < 9) continue;
            ISteps.Step memory step = shipped(RIGHT);
            step.head = head(uint8(kind), 0, NOW, RIGHT, 0);
            expectOutcome(offer(GLASSMAKER, step), ISteps.Outcome.Malformed);
        }
    }

    function testASubjectOfZerosIsMalformed() public {
        for (uint8 kind = 1; kind <= 8; kind++) {
            ISteps.Step memory step = _step(kind);
            step.head &= ~bytes32(uint256(type(uint128).max) << 72);
            _refuse(step);
        }
    }

    function testOnlyInvoicedAndVerifiedHaveOccurrences() public {
        for (uint8 kind = 1; kind <= 8; kind++) {
            ISteps.Step memory step = _step(kind);
            step.head |= bytes32(uint256(1) << 240);
            bool malformed = offer(_author(kind), step) == ISteps.Outcome.Malformed;
            check(malformed == (kind < 7), "malformed before invoiced");
        }
    }

    function testAnyOtherNumberOfWordsIsMalformed() public {
        uint8[9] memory right = [0, 5, 3, 6, 0, 0, 1, 7, 1];
        for (uint8 kind = 1; kind <= 8; kind++) {
            for (uint256 size = 0; size <= 8; size++) {
                if (size == right[kind] || (kind == 8 && size > 0)) continue;
                ISteps.Step memory step = _step(kind);
                step.words = _resized(step.words, size);
                _refuse(step);
            }
        }
    }

    function testNoRootAndNoIdentifierIsZero() public {
        for (uint8 kind = 1; kind <= 8; kind++) {
            for (uint256 word = 0; word < _step(kind).words.length; word++) {
                ISteps.Step memory step = _step(kind);
                step.words[word] = 0;
                _refuse(step);
            }
        }
    }

    function testEveryBitOfDetailThatHasNoMeaningIsZeroAndEveryVersionIsOne() public {
        uint72[9] memory free = [
            0,
            uint72(type(uint32).max) << 40,
            0,
            0,
            0,
            0,
            0,
            (1 << 64) | uint72(type(uint64).max),
            (uint72(7) << 64) | (uint72(type(uint32).max) << 32) | (uint72(0xFF) << 24)
        ];
        for (uint8 kind = 1; kind <= 8; kind++) {
            for (uint256 bit = 0; bit < 72; bit++) {
                if ((free[kind] >> bit) & 1 != 0) continue;
                ISteps.Step memory step = _step(kind);
                step.head ^= bytes32(uint256(1) << bit);
                _refuse(step);
            }
        }
    }

    function testADossierStandsLeftAlignedInItsWord() public {
        for (uint256 bit = 0; bit < 128; bit += 9) {
            ISteps.Step memory step = _step(1);
            step.words[0] |= bytes32(uint256(1) << bit);
            _refuse(step);
        }
    }

    function testAnItemOfADossierStepStandsLeftAlignedWithItsVersions() public {
        for (uint256 bit = 0; bit < 128; bit += 8) {
            ISteps.Step memory invoice = _step(7);
            invoice.words[2] ^= bytes32(uint256(1) << bit);
            _refuse(invoice);
            ISteps.Step memory verification = _step(8);
            verification.words[0] ^= bytes32(uint256(1) << bit);
            _refuse(verification);
        }
        ISteps.Step memory empty = _step(7);
        empty.words[2] = bytes32(uint256(0x010100));
        _refuse(empty);
    }

    function testInsurersAreDistinctAndNamedInOrder() public {
        ISteps.Step memory step = _step(7);
        step.head = head(7, 0, NOW, DOSSIER, INSURER);
        _refuse(step);
        step.head = head(7, 0, NOW, DOSSIER, (uint72(INSURER) << 32) | INSURER);
        _refuse(step);
        step.head = head(7, 0, NOW, DOSSIER, (uint72(INSURER) << 32) | OTHER_INSURER);
        record(OPTICIAN, step);
    }

    function testAVerdictIsOneToFour() public {
        record(OPTICIAN, _step(7));
        for (uint256 verdict = 0; verdict < 256; verdict++) {
            ISteps.Step memory step = _step(8);
            step.head = head(8, uint8(verdict), NOW, DOSSIER, uint72(verdict) << 64);
            bool malformed = offer(INSURER, step) == ISteps.Outcome.Malformed;
            check(malformed == (verdict == 0 || verdict > 4), "malformed but for one to four");
        }
    }

    function testADossierStepHoldsSixteenItemsAtMostAndNoneTwice() public {
        for (uint256 size = 15; size <= 17; size++) {
            bytes16[] memory items = _items(size);
            _expectShape(invoiced(DOSSIER, items), size <= 16);
            _expectShape(verified(DOSSIER, items), size <= 16);
            items[size - 1] = items[2];
            _expectShape(invoiced(DOSSIER, items), false);
            _expectShape(verified(DOSSIER, items), false);
        }
    }

    function _step(uint8 kind) private view returns (ISteps.Step memory) {
        if (kind == 1) return quoted(LEFT, DOSSIER, GLASSMAKER);
        if (kind == 2) return ordered(RIGHT);
        if (kind == 3) return manufactured(RIGHT);
        if (kind == 4) return shipped(RIGHT);
        if (kind == 5) return received(RIGHT);
        if (kind == 6) return delivered(RIGHT);
        if (kind == 7) return invoiced(DOSSIER, some(RIGHT));
        return verified(DOSSIER, some(RIGHT));
    }

    function _author(uint8 kind) private pure returns (uint32) {
        return kind == 3 || kind == 4 ? GLASSMAKER : kind == 8 ? INSURER : OPTICIAN;
    }

    function _refuse(ISteps.Step memory step) private {
        refuse(_author(uint8(bytes1(step.head))), step, ISteps.Outcome.Malformed);
    }

    function _expectShape(ISteps.Step memory step, bool good) private {
        ISteps.Outcome outcome = offer(_author(uint8(bytes1(step.head))), step);
        check((outcome != ISteps.Outcome.Malformed) == good, "shape");
    }

    function _items(uint256 size) private pure returns (bytes16[] memory items) {
        items = new bytes16[](size);
        for (uint256 i = 0; i < size; i++) {
            items[i] = bytes16((uint128(OPTICIAN) << 96) | uint128(i + 1));
        }
    }

    /// @dev `words` cut or filled up with roots that are not zero.
    function _resized(bytes32[] memory words, uint256 size) private pure returns (bytes32[] memory result) {
        result = new bytes32[](size);
        for (uint256 i = 0; i < size; i++) {
            result[i] = i < words.length ? words[i] : keccak256(abi.encode(i));
        }
    }
}
