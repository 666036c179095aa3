// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Player} from "./support/Player.sol";
import {Test} from "./support/Test.sol";

/// @dev Whatever is played, in whatever order, the ledger holds what follows from it and nothing else. The player looks
/// at everything after each step, and a check that fails there reverts, which fails here.
contract InvariantsTest is Test {
    /// @dev As forge reads it.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Player private _player;

    function setUp() public {
        _player = new Player();
        _player.setUp();
    }

    /// @dev What forge calls at random.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_player), new bytes4[](1));
        targets[0].selectors[0] = Player.play.selector;
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_player);
    }

    function invariantTheLedgerIsWhatFollowsFromTheStepsRecorded() public view {
        _player.checkNumbers();
    }
}
