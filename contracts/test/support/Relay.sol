// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../../interfaces/ISteps.sol";
import {Rare} from "./Rare.sol";
import {Vm} from "./Vm.sol";

/// @dev Signing lists and relaying them. The EIP-712 hashes are computed here from the published types.
abstract contract Relay is Rare {
    string private constant STEP =
        "Step(uint8 kind,uint8 occurrence,uint40 claimedAt,bytes16 subject,uint72 detail,bytes32[] words)";

    function digestOf(ISteps.Step memory step) internal pure returns (bytes32) {
        uint256 bits = uint256(step.head);
        return keccak256(
            abi.encode(
                keccak256(bytes(STEP)),
                bits >> 248,
                (bits >> 240) & 0xFF,
                (bits >> 200) & 0xFFFFFFFFFF,
                bytes16(step.head << 56),
                bits & 0xFFFFFFFFFFFFFFFFFF,
                keccak256(abi.encodePacked(step.words))
            )
        );
    }

    function hashOf(ISteps.SignedList memory list) internal pure returns (bytes32) {
        bytes32[] memory digests = new bytes32[](list.steps.length);
        for (uint256 i = 0; i < digests.length; i++) {
            digests[i] = digestOf(list.steps[i]);
        }
        return keccak256(
            abi.encode(
                keccak256(bytes(string.concat("StepList(uint32 party,uint40 deadline,Step[] steps)", STEP))),
                list.party,
                list.deadline,
                keccak256(abi.encodePacked(digests))
            )
        );
    }

    function typedDigest(ISteps.SignedList memory list, uint256 chain, address verifier)
        internal
        pure
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("OptiTrace"),
                keccak256("1"),
                chain,
                verifier
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, hashOf(list)));
    }

    function signedBy(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev A good list of `party` with `steps`.
    function listOf(uint32 party, ISteps.Step[] memory steps)
        internal
        view
        returns (ISteps.SignedList memory list)
    {
        list.party = party;
        list.deadline = uint40(block.timestamp + 35 days);
        list.signer = signerOf(party);
        list.steps = steps;
        sign(list, keyOf(party));
    }

    /// @dev Sign `list` as it stands.
    function sign(ISteps.SignedList memory list, uint256 key) internal view {
        list.signature = signedBy(key, typedDigest(list, block.chainid, address(ledger)));
    }

    function listOf(uint32 party, ISteps.Step memory step)
        internal
        view
        returns (ISteps.SignedList memory)
    {
        ISteps.Step[] memory steps = new ISteps.Step[](1);
        steps[0] = step;
        return listOf(party, steps);
    }

    /// @dev Relay one list; what became of its steps. Recorded roots are remembered for later witnesses.
    function relay(ISteps.SignedList memory list) internal returns (bytes memory outcomes) {
        ISteps.SignedList[] memory lists = new ISteps.SignedList[](1);
        lists[0] = list;
        outcomes = ledger.submit(lists)[0];
        equal(outcomes.length, list.steps.length, "one outcome for each step");
        for (uint256 i = 0; i < outcomes.length; i++) {
            if (uint8(outcomes[i]) == 0) remember(list.steps[i]);
        }
    }

    /// @dev Relay one step of `party` in a list of its own.
    function offer(uint32 party, ISteps.Step memory step) internal returns (ISteps.Outcome) {
        return ISteps.Outcome(uint8(relay(listOf(party, step))[0]));
    }

    /// @dev Relay one step and require that it is recorded.
    function record(uint32 party, ISteps.Step memory step) internal {
        expectOutcome(offer(party, step), ISteps.Outcome.Recorded);
    }

    /// @dev Relay one step and require `wanted`, that the log says so and nothing else, and that nothing changed.
    function refuse(uint32 party, ISteps.Step memory step, ISteps.Outcome wanted) internal {
        bytes32 before = snapshot();
        vm.recordLogs();
        expectOutcome(offer(party, step), wanted);

        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 1, "one log");
        equal(logs[0].topics[0], ISteps.StepSkipped.selector, "a step skipped");
        equal(logs[0].topics[1], bytes32(bytes16(step.head << 56)), "its subject");
        equal(logs[0].topics[2], bytes32(uint256(party)), "its party");
        equal(keccak256(logs[0].data), keccak256(abi.encode(wanted, step.head, digestOf(step))), "outcome, head, digest");
        equal(snapshot(), before, "a step that is not recorded changes nothing");
    }

    /// @dev Relay a list and require that it is skipped whole, for `wanted`: logged without identities, nothing changed.
    function ignore(ISteps.SignedList memory list, ISteps.Outcome wanted) internal {
        bytes32 before = snapshot();
        vm.recordLogs();
        bytes memory outcomes = relay(list);
        for (uint256 i = 0; i < outcomes.length; i++) {
            equal(uint8(outcomes[i]), uint8(wanted), "outcome of each step");
        }

        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 1, "one log");
        equal(logs[0].topics[0], ISteps.ListSkipped.selector, "a list skipped");
        equal(logs[0].topics[1], bytes32(uint256(list.party)), "its party");
        equal(logs[0].topics[2], hashOf(list), "its hash");
        equal(keccak256(logs[0].data), keccak256(abi.encode(wanted)), "its outcome");
        equal(snapshot(), before, "a list that is skipped changes nothing");
    }

    /// @dev A hash of everything that the ledger shows about the items, dossiers and lot of these tests.
    function snapshot() internal view returns (bytes32) {
        (uint256 lot, bytes32 units) = ledger.lotOf(LOT);
        bytes memory seen =
            abi.encode(ledger.count(), ledger.dossierOf(DOSSIER), ledger.dossierOf(OTHER_DOSSIER), lot, units);
        bytes16[5] memory items = [LEFT, RIGHT, FRAME, NEXT, LAST];
        for (uint256 i = 0; i < 5; i++) {
            (uint256 state, uint256 exceptions) = ledger.itemOf(items[i]);
            (uint16 mismatches, uint16 justified) = ledger.bitsOf(items[i]);
            (bytes16 bound, bytes16 shown) = ledger.nullifierOf(root(items[i], "nullifier", 1));
            seen = abi.encode(seen, state, exceptions, mismatches, justified, bound, shown);
        }
        return keccak256(seen);
    }

    function expectOutcome(ISteps.Outcome seen, ISteps.Outcome wanted) internal pure {
        equal(uint8(seen), uint8(wanted), "outcome");
    }

    // ------------------------------------------------------------------------- states, by the published layout

    function stateOf(bytes16 item) internal view returns (uint256 state) {
        (state,) = ledger.itemOf(item);
    }

    function exceptionsOf(bytes16 item) internal view returns (uint256 exceptions) {
        (, exceptions) = ledger.itemOf(item);
    }

    function kindsOf(bytes16 item) internal view returns (uint256) {
        return stateOf(item) & 0xFFFFFF;
    }

    function flagsOf(bytes16 item) internal view returns (uint256) {
        return (stateOf(item) >> 48) & 0xFFFF;
    }

    function mismatchesOf(bytes16 item) internal view returns (uint256) {
        return (stateOf(item) >> 32) & 0xFFFF;
    }

    function justifiedOf(bytes16 item) internal view returns (uint256 justified) {
        (, justified) = ledger.bitsOf(item);
    }

    function openOf(bytes16 dossier) internal view returns (uint256) {
        return (ledger.dossierOf(dossier) >> 48) & 0xFFFF;
    }

    /// @dev Whether an item is open while an invoice that does not say partial stands.
    function isHidden(bytes16 dossier) internal view returns (bool) {
        return openOf(dossier) != 0 && (ledger.dossierOf(dossier) >> 72) & 0xFF != 0;
    }

    /// @dev Require the whole state of an item, its table by the relayer's memory.
    function expectState(bytes16 item, uint256 kinds, uint256 invoices, uint256 mismatches, uint256 flags)
        internal
        view
    {
        uint256 wanted = kinds | (invoices << 24) | (mismatches << 32) | (flags << 48);
        equal(stateOf(item), wanted | (uint256(glassmakerOf(item)) << 64) | (tableOf(item) << 96), "state of the item");
    }
}
