// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Heads} from "../libraries/Heads.sol";
import {LedgerStore} from "./LedgerStore.sol";

/// @title Who a step is by, whom it names, and when it says that it happened
abstract contract Naming is LedgerStore {
    using Heads for bytes16;
    using Heads for bytes32;

    /// @dev How far ahead of the block a step may be claimed, in seconds: clocks differ.
    uint256 private constant _CLOCK_TOLERANCE = 15 minutes;

    /// @dev What stands against the claimed time, if anything.
    function _judgeClaim(Author memory author, bytes32 head) internal view returns (Outcome) {
        if (head.claimedAt() > block.timestamp + _CLOCK_TOLERANCE) return Outcome.ClaimedAhead;
        return head.claimedAt() > author.claimsUntil ? Outcome.ClaimedAfterRetirement : Outcome.Recorded;
    }

    /// @dev Whether the author is the optician that created `id`.
    function _isOpticianOf(Author memory author, bytes16 id) internal pure returns (bool) {
        return author.role == IPartyRegistry.Role.Optician && id.creatorOf() == author.party;
    }

    /// @dev Whether `party` is zero, or was admitted in `role`. Its state now does not matter: it may have been
    /// suspended or revoked since the step was claimed.
    function _isNobodyOr(Author memory author, uint32 party, IPartyRegistry.Role role) internal view returns (bool) {
        if (party == 0) return true;
        if (author.named != party) {
            author.named = party;
            (author.namedRole,) = _registry.partyOf(party);
        }
        return author.namedRole == role;
    }
}
