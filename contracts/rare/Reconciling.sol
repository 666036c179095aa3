// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Exceptions} from "../libraries/Exceptions.sol";
import {Heads} from "../libraries/Heads.sol";
import {Kinds} from "../libraries/Kinds.sol";
import {States} from "../libraries/States.sol";
import {Tables} from "../libraries/Tables.sol";
import {ExceptionSteps} from "./ExceptionSteps.sol";

/// @title What an ordinary step changes in the exceptions of an exceptional item
abstract contract Reconciling is ExceptionSteps {
    using Exceptions for uint256;
    using Heads for bytes32;
    using States for uint256;

    /// @dev As `IRareSteps.reconcile`.
    function _reconcile(bytes16 item, bytes32 head, bytes32[] calldata roots, uint256 state)
        internal
        returns (uint256[] memory)
    {
        uint8 kind = head.kind();
        uint256 exceptions = _items[item].exceptions;
        if (kind == Kinds.ORDERED || kind == Kinds.MANUFACTURED) {
            if (exceptions & Exceptions.SUBSTITUTED_BY_GLASSMAKER != 0) {
                Tables.Section memory section = Tables.section(head, roots, 0);
                uint256 from = kind == Kinds.ORDERED ? 0 : 2;
                exceptions = _asSubstituted(exceptions, _substitutions[item], section, from);
            }
        }
        if (kind == Kinds.MANUFACTURED) exceptions = _withMakingTime(exceptions, head);
        if (roots.length != 0) exceptions = _withCorrections(item, kind, roots, exceptions);
        return _storeExceptions(item, _items[item].dossier, state, exceptions);
    }

    function _withMakingTime(uint256 exceptions, bytes32 made) private pure returns (uint256) {
        bool cancelled = exceptions & Exceptions.CANCELLED_BY_OPTICIAN != 0;
        if (cancelled && exceptions.cancelledAt() > made.claimedAt()) exceptions |= Exceptions.CANCELLED_LATE;
        return _lateIfAfter(exceptions, made);
    }

    /// @dev Compare the corrected roots that the optician declared with those that a step of `kind` brings.
    function _withCorrections(bytes16 item, uint8 kind, bytes32[] calldata roots, uint256 exceptions)
        private
        view
        returns (uint256)
    {
        uint256 declared = uint16(exceptions >> Exceptions.DECLARED_BY_OPTICIAN);
        for (uint8 comparison = 0; comparison < Kinds.COMPARISONS; comparison++) {
            if (declared & (1 << comparison) == 0) continue;
            Declaration storage known = _declarations[item][comparison];
            if (known.root == 0 || _other(known.inError, comparison) != kind) continue;
            uint256 bit = 1 << (Exceptions.CORRECTED + comparison);
            bool same = roots[_rootOf(kind, comparison)] == known.root;
            exceptions = same ? exceptions | bit : exceptions & ~bit;
        }
        return exceptions;
    }
}
