// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Exceptions} from "../libraries/Exceptions.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {Sides} from "../libraries/Sides.sol";
import {Tables} from "../libraries/Tables.sol";
import {ExceptionSteps} from "./ExceptionSteps.sol";

/// @title What an ordinary step changes in the exceptions of an exceptional item
abstract contract Reconciling is ExceptionSteps {
    using Exceptions for uint256;
    using Heads for bytes32;

    /// @dev As `IRareSteps.reconcile`.
    function _reconcile(bytes16 item, bytes32 head, bytes32[] calldata roots, uint256 state)
        internal
        returns (uint256[] memory states)
    {
        uint8 kind = head.kind();
        uint256 exceptions = _items[item].exceptions;
        bool alike = exceptions & Exceptions.SUBSTITUTED_ALIKE != 0;
        if (alike && (kind == Kinds.ORDERED || kind == Kinds.MANUFACTURED)) {
            Tables.Section memory section = Tables.section(head, roots, 0);
            exceptions = _asSubstituted(exceptions, _substitutions[item], section, kind == Kinds.ORDERED ? 0 : 2);
        }
        if (kind == Kinds.MANUFACTURED) exceptions = _withMakingTime(exceptions, head);
        if (roots.length != 0) exceptions = _withCorrections(item, kind, roots, state, exceptions);
        _items[item].state = state;
        _items[item].exceptions = exceptions;
        return _list(state, exceptions, 0);
    }

    /// @dev Compare the corrected roots that the optician declared with those that a step of `kind` brings: of a kind
    /// made, in the order product, supplements, correction, coding, device.
    function _withCorrections(
        bytes16 item,
        uint8 kind,
        bytes32[] calldata roots,
        uint256 state,
        uint256 exceptions
    ) internal view returns (uint256) {
        for (uint8 comparison = 0; comparison < Kinds.COMPARISONS; comparison++) {
            if (exceptions & (1 << (Exceptions.DECLARED_BY_OPTICIAN + comparison)) == 0) continue;
            Declaration storage known = _declarations[item][comparison];
            if (known.root == 0 || !_isMade(comparison, state)) continue;
            uint8 other = Sides.other(known.inError, comparison);
            bool drawn = kind == Kinds.DRAWN && other == Kinds.MANUFACTURED && comparison >= 5;
            if (other != kind && !drawn) continue;
            if (roots[Sides.rootOf(other, comparison)] == known.root) {
                exceptions |= 1 << (Exceptions.CORRECTED + comparison);
            }
        }
        return exceptions;
    }

    /// @dev The same for an invoice whose roots begin at `start` of the witness. An inherited one is not compared with the
    /// item's quote: of it only comparisons 5 to 7 count.
    function _withInvoice(
        bytes16 item,
        bytes32[] calldata witness,
        uint256 start,
        bool inherited,
        uint256 state,
        uint256 exceptions
    ) internal view returns (uint256) {
        uint256 compared = _withCorrections(item, Kinds.INVOICED, witness[start:start + 4], state, exceptions);
        return inherited ? exceptions | (compared & (0xE0 << Exceptions.CORRECTED)) : compared;
    }

    /// @dev Without what invoices corrected: it is seen again with those that still stand.
    function _withoutInvoices(bytes16 item, uint256 exceptions) internal view returns (uint256) {
        for (uint8 comparison = 5; comparison < 12; comparison++) {
            if (exceptions & (1 << (Exceptions.DECLARED_BY_OPTICIAN + comparison)) == 0) continue;
            if (Sides.other(_declarations[item][comparison].inError, comparison) != Kinds.INVOICED) continue;
            exceptions &= ~(uint256(1) << (Exceptions.CORRECTED + comparison));
        }
        return exceptions;
    }

    function _withMakingTime(uint256 exceptions, bytes32 made) private pure returns (uint256) {
        bool cancelled = exceptions & Exceptions.CANCELLED_BY_OPTICIAN != 0;
        if (cancelled && exceptions.cancelledAt() > made.claimedAt()) exceptions |= Exceptions.CANCELLED_LATE;
        return _lateIfAfter(exceptions, made);
    }
}
