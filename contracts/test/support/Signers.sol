// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev A contract that signs by ERC-1271: it accepts the signatures of one account.
contract Wallet {
    address private immutable _owner;

    constructor(address owner) {
        _owner = owner;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) public view virtual returns (bytes4) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        uint8 v = uint8(signature[64]);
        return ecrecover(digest, v, r, s) == _owner ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @dev The same, after burning `work` gas.
contract SlowWallet is Wallet {
    uint256 private immutable _work;

    constructor(address owner, uint256 work) Wallet(owner) {
        _work = work;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) public view override returns (bytes4) {
        uint256 start = gasleft();
        while (start - gasleft() < _work) {}
        return super.isValidSignature(digest, signature);
    }
}

/// @dev Answers everything with the bytes that it was made with, whatever the call.
contract Parrot {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return _answer;
    }
}

/// @dev Reverts with a long reason.
contract Refuser {
    fallback() external {
        revert(string(new bytes(10_000)));
    }
}

/// @dev Burns all the gas that it gets.
contract Burner {
    fallback() external {
        while (true) {}
    }
}

/// @dev Answers what ERC-1271 wants, followed by zeros, `size` bytes in all.
contract Bomber {
    uint256 public immutable size;

    constructor(uint256 size_) {
        size = size_;
    }

    fallback() external {
        uint256 length = size;
        assembly {
            mstore(0, shl(224, 0x1626ba7e))
            return(0, length)
        }
    }
}

/// @dev Reverts with so many bytes.
contract LoudRefuser {
    fallback() external {
        assembly {
            revert(0, 1000000)
        }
    }
}
