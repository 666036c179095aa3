// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Comparisons} from "../libraries/Comparisons.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {States} from "../libraries/States.sol";
import {Tables} from "../libraries/Tables.sol";
import {Reconciling} from "./Reconciling.sol";

/// @title Lots of stock, and the items that are drawn from them
abstract contract StockSteps is Reconciling {
    using Heads for bytes32;
    using States for uint256;
    using Tables for Tables.Section;
    using Tables for Tables.Table;

    uint256 private constant _FOR_DRAWN = (1 << Tables.DELIVERED) | (1 << Tables.INVOICED);
    uint8 private constant _GIVEN = 1;
    uint8 private constant _TAKEN = 2;

    function _takeLot(Author memory author, Step calldata step) internal returns (Outcome) {
        Lot storage lot = _lots[step.head.subject()];
        if (lot.state != 0) return Outcome.Repeated;

        lot.state = uint256(author.party) | (uint256(step.head.number()) << 32);
        lot.root = step.words[0];
        _log(author, step.head, lot.state, step.words);
        return Outcome.Recorded;
    }

    function _takeTransfer(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes16 lot = step.head.subject();
        uint32 holder = step.head.number();
        if (_lots[lot].state == 0) return Outcome.UnknownSubject;
        bool takes = author.party == holder;
        if (!takes && !_holds(lot, author.party)) return Outcome.NotYetNamed;
        if (!_remember(_identity(lot, Kinds.LOT_TRANSFERRED, author.party, step.head.occurrence()))) {
            return Outcome.Repeated;
        }

        _transfers[lot][holder] |= takes ? _TAKEN : _GIVEN;
        _log(author, step.head, _lots[lot].state, step.words);
        return Outcome.Recorded;
    }

    /// @dev An item drawn from a lot: what was made is what the lot's root says of the unit.
    function _takeDrawing(Author memory author, Step calldata step) internal returns (Outcome) {
        bytes16 item = step.head.subject();
        uint256 state = _items[item].state;
        Outcome outcome = _judgeDrawing(author.party, step, state);
        if (outcome != Outcome.Recorded) return outcome;
        Tables.Table memory table = Tables.read(state, step.witness, 0, _FOR_DRAWN, 0);
        if (!table.matches(state, step.witness.length)) return Outcome.StaleWitness;

        state = _bind(step.words[1], item, _withUnit(state, table, step));
        if (state & States.EXCEPTIONAL == 0) {
            _items[item].state = state;
            _log(author, step.head, state, step.words);
        } else {
            bytes32[] calldata roots = step.words[2:Kinds.UNIT_WORDS];
            _log(author, step.head, _reconcile(item, step.head, roots, state), step.words);
        }
        return Outcome.Recorded;
    }

    function _judgeDrawing(uint32 party, Step calldata step, uint256 state) private view returns (Outcome) {
        if (state == 0) return Outcome.PredecessorMissing;
        if (state.glassmakerOf() == 0) return Outcome.NotAllowed;
        if (state.has(Kinds.DRAWN)) return Outcome.Repeated;
        if (state.has(Kinds.ORDERED)) return Outcome.NotAllowed;
        bytes16 id = bytes16(step.words[0]);
        Lot storage lot = _lots[id];
        if (lot.state == 0) return Outcome.UnknownSubject;
        if (uint32(lot.state) != state.glassmakerOf()) return Outcome.NotAllowed;
        if (MerkleProof.processProofCalldata(step.words[Kinds.UNIT_WORDS:], _leafOf(step)) != lot.root) {
            return Outcome.Malformed;
        }
        return _holds(id, party) ? Outcome.Recorded : Outcome.NotYetNamed;
    }

    /// @dev Whether the lot was shipped to `party`, or a holder and it say that it was transferred.
    function _holds(bytes16 lot, uint32 party) private view returns (bool) {
        return uint32(_lots[lot].state >> 32) == party || _transfers[lot][party] == _GIVEN | _TAKEN;
    }

    function _leafOf(Step calldata step) private pure returns (bytes32) {
        bytes32[] calldata words = step.words;
        return keccak256(
            abi.encode(
                keccak256(
                    abi.encode(step.head.number(), words[1], words[2], words[3], words[4], words[5], words[6])
                )
            )
        );
    }

    /// @dev The item's state with the unit in its table, compared.
    function _withUnit(uint256 state, Tables.Table memory table, Step calldata step) private pure returns (uint256) {
        bytes32[] calldata words = step.words;
        uint256 bits = 0;
        Tables.Section memory unit = Tables.section(step.head, words, 2);
        uint256 invoices = state.invoicesOf();
        for (uint256 i = 0; i < invoices; i++) {
            // Of a unit the correction stands between supplements and coding, as in what is manufactured.
            bits |= Comparisons.madeInvoiced(unit, 3, table.invoice(step.witness, i));
        }
        if (table.sections[Tables.DELIVERED] != 0) {
            bits |= Comparisons.device(words[6], table.sectionOf(Tables.DELIVERED).root(0));
        }
        if (state.has(Kinds.MANUFACTURED)) state |= States.DUPLICATE;
        table.places[Tables.DRAWN] = keccak256(abi.encode(step.head, words[2], words[3], words[5], words[6]));
        return state.withCompared(bits).withStep(Kinds.DRAWN).withTable(table.hash());
    }
}
