// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Examples} from "./support/Examples.sol";
import {ShapesModel} from "./support/ShapesModel.sol";

/// @dev What is malformed: every rule broken once for every kind, and random shapes against the manual said once more.
contract ShapesTest is Examples {
    uint256 private _seed;

    function testAKindThatDoesNotExistIsMalformed() public {
        _expect(plain(0, LEFT, 0), false);
        for (uint256 kind = 32; kind < 256; kind++) {
            _expect(plain(uint8(kind), LEFT, 0), false);
        }
    }

    function testTheExampleOfEveryKindIsWellFormed() public {
        for (uint8 kind = 1; kind < 32; kind++) {
            _expect(example(kind), true);
        }
    }

    function testASubjectOfZerosIsMalformed() public {
        for (uint8 kind = 1; kind < 32; kind++) {
            ISteps.Step memory step = example(kind);
            step.head &= ~bytes32(uint256(type(uint128).max) << 72);
            _expect(step, false);
        }
    }

    function testOccurrencesAreCountedWhereAStepMayComeAgain() public {
        for (uint8 kind = 1; kind < 32; kind++) {
            uint8 last = kind == 7 ? 7 : kind == 8 || (kind > 20 && kind != 30) ? 255 : 0;
            if (kind == 19) continue;
            _expect(nth(example(kind), last), true);
            if (last < 255) _expect(nth(example(kind), last + 1), false);
        }
    }

    function testEveryBitOfDetailThatHasNoMeaningIsZero() public {
        for (uint8 kind = 1; kind < 32; kind++) {
            for (uint256 bit = 0; bit < 72; bit++) {
                ISteps.Step memory step = example(kind);
                step.head ^= bytes32(uint256(1) << bit);
                bool free = (_free(kind) >> bit) & 1 != 0;
                if (!free) _expect(step, false);
            }
        }
    }

    function testAnyOtherNumberOfWordsIsMalformed() public {
        uint8[32] memory right =
            [0, 5, 3, 7, 0, 0, 2, 7, 0, 0, 0, 8, 2, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0];
        for (uint8 kind = 1; kind < 32; kind++) {
            for (uint256 size = 0; size < 10; size++) {
                if (size == right[kind] || (kind == 6 && size == 1) || (kind == 11 && size > 6)) continue;
                ISteps.Step memory step = example(kind);
                step.words = _resized(step.words, size);
                _expect(step, false);
            }
        }
    }

    function testNoRootAndNoIdentifierIsZeroButSiblingsMayBe() public {
        for (uint8 kind = 1; kind < 32; kind++) {
            for (uint256 word = 0; word < example(kind).words.length; word++) {
                ISteps.Step memory step = example(kind);
                step.words[word] = 0;
                _expect(step, kind == 11 && word == 7);
            }
        }
    }

    function testAnIdentifierStandsLeftAlignedInItsWord() public {
        uint8[6] memory kinds = [1, 11, 18, 26, 28, 29];
        for (uint256 i = 0; i < 6; i++) {
            for (uint256 bit = 0; bit < 128; bit += 9) {
                ISteps.Step memory step = example(kinds[i]);
                step.words[0] |= bytes32(uint256(1) << bit);
                _expect(step, false);
            }
        }
    }

    function testAnItemOfAnInvoiceHasVersionsAndNothingElseBesideIt() public {
        for (uint256 bit = 0; bit < 128; bit++) {
            if (bit > 7 && bit < 24) continue;
            ISteps.Step memory step = example(7);
            step.words[2] ^= bytes32(uint256(1) << bit);
            _expect(step, false);
        }
        uint24[4] memory versions = [0xFFFF00, 0x010000, 0x000100, 0x000000];
        for (uint256 i = 0; i < 4; i++) {
            ISteps.Step memory step = example(7);
            step.words[2] = id(LEFT) | bytes32(uint256(versions[i]));
            _expect(step, i == 0);
        }
    }

    function testASecondInsurerStandsBesideAnotherFirstOne() public {
        ISteps.Step memory step = example(7);
        step.head = head(7, 0, NOW, DOSSIER, INSURER);
        _expect(step, false);
        step.head = head(7, 0, NOW, DOSSIER, (uint72(INSURER) << 32) | INSURER);
        _expect(step, false);
        step.head = head(7, 0, NOW, DOSSIER, (uint72(INSURER) << 32) | OTHER_INSURER);
        _expect(step, true);
    }

    function testADossierStepHoldsSixteenItemsAtMostAndNoneTwice() public {
        for (uint256 size = 15; size <= 17; size++) {
            bytes16[] memory items = new bytes16[](size);
            for (uint256 i = 0; i < size; i++) {
                items[i] = bytes16((uint128(OPTICIAN) << 96) | uint128(i + 1));
            }
            _expect(invoiced(DOSSIER, items), size <= 16);
            _expect(withdrawn(DOSSIER, 0, items), size <= 16);
            items[size - 1] = items[2];
            _expect(invoiced(DOSSIER, items), false);
            _expect(withdrawn(DOSSIER, 0, items), false);
        }
    }

    function testCodesHaveOnlyTheValuesThatTheManualNames() public {
        for (uint256 code = 0; code < 256; code++) {
            uint72 first = uint72(code) << 64;
            _expect(plain(8, DOSSIER, first), code > 0 && code < 5);
            _expect(plain(13, LEFT, first), code > 0);
            bool decided = code == 1 || code == 3 || code == 4;
            _expect(plain(21, DOSSIER, first | (1 << 56)), decided);
            _expect(plain(21, DOSSIER, first | (1 << 56) | (1 << 16)), code == 2);
            _expect(plain(21, DOSSIER, (1 << 64) | (uint72(code) << 56)), code > 0);
            _expect(said(24, DOSSIER, first, keccak256("answer")), code > 0 && code < 4);
            _expect(said(29, DOSSIER, first, id(LEFT)), code > 0 && code < 8);
            uint72 answered = (uint72(INSURER) << 40) | (uint72(code) << 24);
            _expect(said(22, DOSSIER, answered, keccak256("answer")), code == 21 || code == 29);
        }
    }

    function testAnErrorIsInOneOfTheTwoKindsThatAreCompared() public {
        uint256[16] memory sides = [uint256(6), 6, 12, 12, 12, 0x88, 0x88, 0x88, 0x82, 0x82, 0x82, 0x82, 0x48, 0, 0, 0];
        for (uint8 comparison = 0; comparison < 16; comparison++) {
            for (uint8 kind = 0; kind < 32; kind++) {
                bool side = sides[comparison] & (1 << kind) != 0;
                _expect(incorrect(LEFT, comparison, kind, keccak256("right")), side);
                _expect(never(LEFT, comparison, kind), side && (kind == 2 || kind == 3 || kind == 6));
            }
        }
    }

    function testAnErasureIsOfTheWholeRecordOrOfGroupsThatThereAre() public {
        for (uint256 bit = 0; bit < 72; bit++) {
            ISteps.Step memory step = plain(20, LEFT, uint72(1) << uint72(bit));
            _expect(step, false);
            _expect(nth(step, 12), bit > 56 && bit < 69);
        }
        _expect(nth(plain(20, LEFT, uint72(0x1ffe) << 56), 255), true);
        _expect(nth(plain(20, LEFT, 0), 1), false);
    }

    function testADossierDoesNotReplaceItsOwnBreakage() public {
        _expect(said(26, DOSSIER, 0, id(DOSSIER)), false);
    }

    /// @dev A step of some kind with a few bytes of its detail and a few words drawn again.
    function testFuzzAStepIsMalformedExactlyWhenTheManualSaysSo(uint256 seed) public {
        _seed = seed;
        for (uint256 i = 0; i < 8; i++) {
            uint8 kind = uint8(1 + _random(31));
            ISteps.Step memory step = example(kind);
            for (uint256 turn = _random(4); turn > 0; turn--) {
                uint256 which = 23 + _random(9);
                uint256 byte_ = _random(3) == 0 ? _random(256) : _random(5);
                step.head &= ~bytes32(uint256(0xFF) << (8 * (31 - which)));
                step.head |= bytes32(byte_ << (8 * (31 - which)));
            }
            if (_random(4) == 0) step = nth(step, uint8(_random(16)));
            if (_random(4) == 0) step.words = _resized(step.words, _random(48));
            if (step.words.length > 0 && _random(3) == 0) step.words[_random(step.words.length)] = _word();
            _expect(step, ShapesModel.isWellFormed(step.head, step.words));
        }
    }

    function testFuzzRandomBytesAreMalformedExactlyWhenTheManualSaysSo(bytes32 said_, bytes32[] memory words) public {
        _expect(ISteps.Step(said_, words, words), ShapesModel.isWellFormed(said_, words));
        said_ = (said_ & ~bytes32(uint256(0xFF) << 248)) | bytes32(uint256(1 + uint8(said_[0]) % 31) << 248);
        _expect(ISteps.Step(said_, words, words), ShapesModel.isWellFormed(said_, words));
    }

    /// @dev The bits of detail that have a meaning, where one that is flipped in the example may be good.
    function _free(uint8 kind) private pure returns (uint72) {
        uint72 versions = kind == 2 || kind == 3 ? 0xFFFFFF : 0xFFFF00;
        if (kind == 1 || kind == 11 || kind == 23 || kind > 29) return uint72(type(uint32).max) << 40;
        if (kind == 2 || kind == 12) return versions;
        if (kind == 3) return versions | (1 << 64);
        if (kind == 7) return (1 << 64) | type(uint64).max;
        if (kind == 8) return (7 << 64) | (uint72(type(uint40).max) << 24);
        if (kind == 20 || kind == 26 || kind == 27 || kind < 11) return 0;
        if (kind == 21) return (uint72(0xFFFF) << 56) | 0xFF00;
        if (kind == 22) return (uint72(type(uint40).max) << 32) | (0xFF << 24);
        if (kind == 24) return uint72(0xFFFF) << 56;
        return kind == 19 ? uint72(0xFFFF) << 56 : uint72(0xFF) << 64;
    }

    function _word() private returns (bytes32) {
        uint256 what = _random(5);
        if (what == 0) return 0;
        if (what == 1) return id(LEFT);
        if (what == 2) return id(DOSSIER);
        return what == 3 ? bytes32(_random(type(uint256).max)) : id(NEXT) | bytes32(_random(3) << (8 * _random(16)));
    }

    function _expect(ISteps.Step memory step, bool good) private {
        uint256 world = vm.snapshotState();
        ISteps.Outcome outcome = offer(signerOfExample(uint8(step.head[0])), step);
        check((outcome != ISteps.Outcome.Malformed) == good, "malformed, or not");
        vm.revertToState(world);
    }

    /// @dev `words` cut or filled up with roots that are not zero.
    function _resized(bytes32[] memory words, uint256 size) private pure returns (bytes32[] memory result) {
        result = new bytes32[](size);
        for (uint256 i = 0; i < size; i++) {
            result[i] = i < words.length ? words[i] : keccak256(abi.encode(i));
        }
    }

    function _random(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
