// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../../interfaces/ISteps.sol";
import {LedgerStore} from "../../steps/LedgerStore.sol";
import {Examples} from "./Examples.sol";
import {Vm} from "./Vm.sol";

/// @dev Offers random steps of every kind about five items and two dossiers, and looks after each at what changed.
contract Player is Examples {
    bytes32 private constant TOKEN = keccak256("token");

    /// @dev How many steps were recorded.
    uint256 internal recorded;

    uint256 private _seed;
    mapping(bytes32 identity => bool) private _identities;
    bytes16[5] private _items = [LEFT, RIGHT, FRAME, NEXT, LAST];

    function setUp() public override {
        super.setUp();
        _record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        _record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        _record(OPTICIAN, quoted(FRAME, OTHER_DOSSIER, 0));
        _record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
        _record(GLASSMAKER, lotShipped(OPTICIAN));
    }

    // ------------------------------------------------------------------------------------------ what it plays

    /// @dev Mostly offer a step; now and then offer it while the ledger is paused, or to the rare rules themselves.
    function play(uint256 seed) external {
        _seed = seed;
        (uint32 party, ISteps.Step memory step) = _draw();
        uint256 what = _random(8);
        if (what == 0) _playPaused(party, step);
        else if (what == 1) _callRare(party, step);
        else _play(party, step);
    }

    /// @dev Offer one step, and require of everything that it changed only what such a step may change.
    function _play(uint32 party, ISteps.Step memory step) private {
        uint256[5] memory states;
        for (uint256 i = 0; i < 5; i++) {
            states[i] = stateOf(_items[i]);
        }
        bytes32 everything = snapshot();
        (bytes16 bound, bytes16 shown) = ledger.nullifierOf(TOKEN);
        vm.recordLogs();
        ISteps.Outcome outcome = offer(party, step);
        _checkLogs(outcome);
        if (outcome != ISteps.Outcome.Recorded) {
            equal(snapshot(), everything, "a step that is not recorded changes nothing");
            return;
        }
        _note(party, step);
        uint8 kind = uint8(step.head[0]);
        for (uint256 i = 0; i < 5; i++) {
            _checkFall(kind, states[i], stateOf(_items[i]));
        }
        _checkNullifier(kind, bound, shown);
        _checkLedger();
    }

    /// @dev While the ledger is paused nothing is recorded and everything can be read.
    function _playPaused(uint32 party, ISteps.Step memory step) private {
        bytes32 before = snapshot();
        ledger.pause(uint40(block.timestamp + 1));
        equal(snapshot(), before, "reads are as before");
        ignore(listOf(party, step), ISteps.Outcome.Paused);
        ledger.pause(0);
    }

    /// @dev The rare rules, called at their own address, change nothing of the ledger, whatever they answer.
    function _callRare(uint32 party, ISteps.Step memory step) private {
        bytes32 before = snapshot();
        LedgerStore.Author memory author;
        author.party = party;
        (author.role,) = registry.partyOf(party);
        author.claimsUntil = type(uint40).max;
        try rare.take(author, step) returns (ISteps.Outcome, uint64) {} catch {}
        try rare.reconcile(LEFT, step.head, step.words, stateOf(LEFT)) returns (uint256[] memory) {} catch {}
        equal(snapshot(), before, "the ledger is as before");
    }

    // ------------------------------------------------------------------------------------ what must hold then

    /// @dev Require that the ledger has numbered what was recorded.
    function checkNumbers() external view {
        equal(ledger.count(), recorded, "numbers are contiguous");
    }

    /// @dev Require that the ledger is what follows from the steps recorded.
    function _checkLedger() private view {
        uint256[2] memory open;
        for (uint256 i = 0; i < 5; i++) {
            bytes16 item = _items[i];
            uint256 state = stateOf(item);
            if (state == 0) continue;
            equal(state >> 96, tableOf(item), "the table");
            equal(mismatchesOf(item), _mismatches(item), "the mismatches are those of the table");
            if (flagsOf(item) & (1 << 9) != 0) open[bytes16(placeOf(item, 0)[0]) == DOSSIER ? 0 : 1]++;
            (uint16 counted, uint16 justified) = ledger.bitsOf(item);
            equal(justified & ~counted, 0, "what is justified is a mismatch that counts");
        }
        equal(openOf(DOSSIER), open[0], "items open in the first dossier");
        equal(openOf(OTHER_DOSSIER), open[1], "items open in the second dossier");
    }

    function _checkLogs(ISteps.Outcome outcome) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 steps = 0;
        for (uint256 i = 0; i < logs.length; i++) {
            if (logs[i].topics[0] != ISteps.StepRecorded.selector) continue;
            steps++;
            (uint256 number,,) = abi.decode(logs[i].data, (uint256, bytes32, bytes32[]));
            equal(uint64(number), recorded + 1, "the next number");
        }
        bool isRecorded = outcome == ISteps.Outcome.Recorded;
        equal(steps, isRecorded ? 1 : 0, "a log for a step recorded and for no other");
        equal(ledger.count(), recorded + steps, "and a number");
        if (!isRecorded) equal(logs.length, 1, "one log of a step skipped");
    }

    function _note(uint32 party, ISteps.Step memory step) private {
        bytes32 identity = keccak256(
            abi.encode(bytes16(step.head << 56), step.head[0], party, step.head[1])
        );
        check(!_identities[identity], "an identity is recorded once");
        _identities[identity] = true;
        recorded++;
    }

    /// @dev Only a withdrawal lets mismatches and the mark of being incomparable fall; kinds and the other flags but that of
    /// being open never do.
    function _checkFall(uint8 kind, uint256 before, uint256 afterwards) private pure {
        uint256 fallen = before & ~afterwards;
        equal(fallen & 0xFFFFFF, 0, "kinds never fall");
        equal(fallen & (uint256(kind == 28 ? 0xFD7F : 0xFDFF) << 48), 0, "flags never fall");
        if (kind != 28) equal(fallen & (uint256(0xFFFFFF) << 24), 0, "invoices and mismatches fall when withdrawn");
        else equal(fallen & (uint256(0xF01F) << 32), 0, "mismatches without an invoice never fall");
        if (before != 0) equal(uint32(before >> 64), uint32(afterwards >> 64), "the glassmaker is for good");
    }

    function _checkNullifier(uint8 kind, bytes16 bound, bytes16 shown) private view {
        (bytes16 nowBound, bytes16 nowShown) = ledger.nullifierOf(TOKEN);
        if (shown != 0 && nowShown != shown) check(kind == 17 && nowShown == 0, "shown once, until it is credited");
        if (bound == 0 || nowBound == bound) return;
        check(kind == 17 && nowBound == 0, "bound once, until it is credited");
    }

    // --------------------------------------------------------------------- the comparisons, from the manual

    function _mismatches(bytes16 item) private view returns (uint256 bits) {
        bytes32[] memory quote = placeOf(item, 1);
        bytes32[] memory order = placeOf(item, 2);
        bytes32[] memory made = placeOf(item, 3);
        bytes32[] memory unit = placeOf(item, 6);
        bytes32[] memory invoices = invoicesOf(item);
        bits = _versioned(quote, order, 2) | (_versioned(order, made, 3) << 2);
        for (uint256 i = 0; i < invoices.length; i += 5) {
            bytes32[] memory invoice = new bytes32[](5);
            for (uint256 j = 0; j < 5; j++) {
                invoice[j] = invoices[i + j];
            }
            bits |= (_versioned(made, invoice, 2) | _versioned(unit, invoice, 2)) << 5;
            bits |= (_differ(made, 4, invoice, 3) | _differ(unit, 3, invoice, 3)) << 7;
            if (i == 0 && hasInherited(item)) continue;
            bits |= (_differ(quote, 3, invoice, 3) << 8) | (_differ(quote, 4, invoice, 4) << 9);
            if (glassmakerOf(item) == 0) bits |= _versioned(quote, invoice, 2) << 10;
        }
        bytes32[] memory delivery = placeOf(item, 5);
        bits |= (_differ(placeOf(item, 4), 0, delivery, 1) | _differ(unit, 4, delivery, 1)) << 12;
    }

    /// @dev A bit for each of the first `groups` roots that differ under the same version.
    function _versioned(bytes32[] memory one, bytes32[] memory other, uint256 groups)
        private
        pure
        returns (uint256 bits)
    {
        for (uint256 i = 0; i < groups && one.length > 0 && other.length > 0; i++) {
            if (one[0][29 + i] == other[0][29 + i]) bits |= _differ(one, i + 1, other, i + 1) << i;
        }
    }

    function _differ(bytes32[] memory one, uint256 i, bytes32[] memory other, uint256 j)
        private
        pure
        returns (uint256)
    {
        return one.length == 0 || other.length == 0 || one[i] == other[j] ? 0 : 1;
    }

    // ---------------------------------------------------------------------------------------------- random steps

    function _draw() private returns (uint32 party, ISteps.Step memory step) {
        uint8 kind = uint8(1 + _random(31));
        if (_random(2) == 0) kind = [2, 3, 7, 7, 8, 11, 18, 28][_random(8)];
        step = _stepOf(kind, _items[_random(2) == 0 ? _random(5) : 3 * _random(2)]);
        step = claimed(step, NOW - _random(4));
        if (kind == 7 || kind == 8 || (kind > 20 && kind != 30)) step = nth(step, uint8(_random(3)));
        if (step.words.length > 0 && _random(3) == 0) _spoil(kind, step);
        if ((kind == 2 || kind == 3) && _random(8) == 0) step.head ^= bytes32(uint256(0x030000));
        party = signerOfExample(kind);
        bool joint = kind == 12 || kind == 13 || kind == 19 || kind == 20;
        if (joint && _random(2) == 0) party = GLASSMAKER;
        if (_random(16) == 0) party = [OTHER_OPTICIAN, OTHER_GLASSMAKER, OTHER_INSURER, AUDITOR][_random(4)];
    }

    function _stepOf(uint8 kind, bytes16 item) private returns (ISteps.Step memory step) {
        if (kind == 1 && _random(4) == 0) return quoted(item, DOSSIER, GLASSMAKER);
        uint32 maker = _random(4) == 0 ? OTHER_GLASSMAKER : GLASSMAKER;
        if (kind == 1) return replacing(_items[3 + _random(2)], DOSSIER, maker, item);
        if (kind == 2) return ordered(item);
        if (kind == 3) return manufactured(item);
        if (kind == 6) return delivered(item);
        bytes16[] memory covered = _random(2) == 0 ? some(item) : some(LEFT, RIGHT);
        if (kind == 7) return invoiced(item == FRAME ? OTHER_DOSSIER : DOSSIER, item == FRAME ? some(item) : covered);
        if (kind == 11) return drawn(item, uint32(_random(2)));
        if (kind == 12) return substituted(item);
        if (kind == 13) return cancelled(item);
        if (kind == 17) return credited(item);
        if (kind == 18) return exchanged(_items[3 + _random(2)], item);
        uint8 inError = [1, 2, 3, 6, 7][_random(5)];
        if (kind == 19) return incorrect(item, uint8(_random(13)), inError, root(item, "product", 1));
        if (kind == 28) return withdrawn(DOSSIER, uint8(_random(3)), covered);
        if (kind == 20 && _random(2) == 0) return nth(plain(20, item, uint72(1) << 59), 3);
        if (kind < 21) return plain(kind, item, kind > 13 && kind < 20 ? 1 << 64 : 0);
        return example(kind);
    }

    /// @dev Another root, or the token that all share, where no identifier stands.
    function _spoil(uint8 kind, ISteps.Step memory step) private {
        uint256 word = _random(step.words.length);
        bool isId = step.words[word] << 128 == 0 || (kind == 7 && word % 5 == 2);
        if (isId) return;
        bool token = (kind == 3 && word == 6) || (kind == 6 && word == 1) || kind == 17;
        step.words[word] = token ? TOKEN : keccak256(abi.encode(step.words[word], "other"));
    }

    function _record(uint32 party, ISteps.Step memory step) private {
        record(party, step);
        _note(party, step);
    }

    function _random(uint256 below) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % below;
    }
}
