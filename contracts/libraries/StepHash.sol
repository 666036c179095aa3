// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EfficientHashLib} from "solady/src/utils/EfficientHashLib.sol";
import {ISteps} from "../interfaces/ISteps.sol";
import {Heads} from "./Heads.sol";

/// @title EIP-712 struct hashes of steps and lists
library StepHash {
    using Heads for bytes32;

    bytes32 private constant STEP_TYPE = keccak256(
        "Step(uint8 kind,uint8 occurrence,uint40 claimedAt,bytes16 subject,uint72 detail,bytes32[] words)"
    );
    bytes32 private constant LIST_TYPE = keccak256(
        "StepList(uint32 party,uint40 deadline,Step[] steps)"
        "Step(uint8 kind,uint8 occurrence,uint40 claimedAt,bytes16 subject,uint72 detail,bytes32[] words)"
    );

    /// @dev Struct hash of one step; the witness is no part of it.
    function ofStep(bytes32 head, bytes32[] calldata words) internal pure returns (bytes32) {
        return EfficientHashLib.hash(
            STEP_TYPE,
            bytes32(uint256(head.kind())),
            bytes32(uint256(head.occurrence())),
            bytes32(uint256(head.claimedAt())),
            bytes32(head.subject()),
            bytes32(uint256(head.detail())),
            keccak256(abi.encodePacked(words))
        );
    }

    /// @dev Struct hash of each of `steps`, in order.
    function ofSteps(ISteps.Step[] calldata steps) internal pure returns (bytes32[] memory digests) {
        digests = new bytes32[](steps.length);
        for (uint256 i = 0; i < steps.length; i++) {
            ISteps.Step calldata step = steps[i];
            digests[i] = ofStep(step.head, step.words);
        }
    }

    /// @dev Struct hash of a list whose steps have `digests`.
    function ofList(uint32 party, uint40 deadline, bytes32[] memory digests) internal pure returns (bytes32) {
        return keccak256(abi.encode(LIST_TYPE, party, deadline, EfficientHashLib.hash(digests)));
    }
}
