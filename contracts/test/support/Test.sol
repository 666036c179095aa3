// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Vm} from "./Vm.sol";

/// @dev Assertions that revert with what was seen. A reverted test is a failed test.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev Tells forge that this contract holds tests.
    bool public constant IS_TEST = true;

    error NotTrue(string what);
    error NotEqual(string what, uint256 seen, uint256 wanted);

    function check(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    function equal(uint256 seen, uint256 wanted, string memory what) internal pure {
        if (seen != wanted) revert NotEqual(what, seen, wanted);
    }

    function equal(bytes32 seen, bytes32 wanted, string memory what) internal pure {
        equal(uint256(seen), uint256(wanted), what);
    }

    function equal(address seen, address wanted, string memory what) internal pure {
        equal(uint160(seen), uint160(wanted), what);
    }

    /// @dev `value` brought into `least`..`most`, both included.
    function within(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + value % (most - least + 1);
    }
}
