// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Steps: what they are, what becomes of them, and what the ledger logs
/// @notice Layouts and rules in `IEquipmentLedger`.
interface ISteps {
    /// @notice What a step says happened. The zero value is no kind.
    enum Kind {
        None,
        Quoted,
        Ordered,
        Manufactured,
        Shipped,
        Received,
        Delivered,
        Invoiced,
        Verified,
        Acknowledged,
        Mounted,
        Drawn,
        Substituted,
        Cancelled,
        RefusedOnArrival,
        BrokenAtEdging,
        Returned,
        Credited,
        Exchanged,
        ErrorDeclared,
        Erased,
        Decided,
        Answered,
        CoverRequested,
        CoverAnswered,
        CoverCancelled,
        BreakageReplaced,
        RenewalStated,
        Withdrawn,
        OpeningDemanded,
        LotShipped,
        LotTransferred
    }

    /// @notice What became of a step, or of every step of a list. 1 to 8 pass: the same bytes may come again until the
    /// deadline. 9 to 12 are final. 13 to 15 ignore the list: nothing in it counts, the party signs again.
    enum Outcome {
        Recorded,
        UnknownSubject,
        NotYetNamed,
        PredecessorMissing,
        StaleWitness,
        ClaimedAhead,
        ClaimedAfterRetirement,
        PartySuspended,
        Paused,
        Repeated,
        NotAllowed,
        Malformed,
        Expired,
        KeyNotGood,
        BadSignature,
        DeadlineTooFar
    }

    /// @notice One step as it is relayed. The party signs head and words; the witness is the relayer's.
    struct Step {
        bytes32 head;
        bytes32[] words;
        bytes32[] witness;
    }

    /// @notice A list of steps signed by one party.
    /// @dev EIP-712, domain `OptiTrace`, version `1`, chain id, address of this ledger (the proxy):
    /// `StepList(uint32 party,uint40 deadline,Step[] steps)` with
    /// `Step(uint8 kind,uint8 occurrence,uint40 claimedAt,bytes16 subject,uint72 detail,bytes32[] words)`.
    /// @param party number of the party that signs
    /// @param deadline seconds since 1970 after which the list is void; at most 35 days ahead of the block
    /// @param signer the key that signed: an account, or a contract that answers ERC-1271
    /// @param steps at least one
    /// @param signature 65 bytes from an account, any from a contract
    struct SignedList {
        uint32 party;
        uint40 deadline;
        address signer;
        Step[] steps;
        bytes signature;
    }

    /// @notice A step was recorded.
    /// @param subject the item, dossier or lot
    /// @param number least significant first: number of the step in the ledger, from 1 without a hole (64), who signed (32),
    /// how many states are logged (8)
    /// @param head the step's head
    /// @param content the states after the step, then the step's words. States of a step on an item: the item's; if it is
    /// exceptional, its exceptions; of `Exchanged` the first item's; of `Quoted`, or where the item opened or closed,
    /// its dossier's. `Quoted`, replacing: the item's, the replaced one's, the dossier's. `Invoiced` and `Withdrawn`: the
    /// dossier's, then item after item its state and, if it is exceptional, its exceptions. Other steps on a dossier: the
    /// dossier's; of `BreakageReplaced` then the first dossier's. Lot: the lot's
    event StepRecorded(bytes16 indexed subject, uint256 number, bytes32 head, bytes32[] content);

    /// @notice Two items share a nullifier; `item` is the one that the step at hand does not speak of, with its state now.
    event DuplicateFound(bytes16 indexed item, uint256 state);

    /// @notice A step changed nothing. For `Repeated`, comparing `digest` with that of the recorded step tells the same
    /// step sent again from a conflict.
    /// @param digest EIP-712 struct hash of the step offered
    event StepSkipped(bytes16 indexed subject, uint32 indexed party, Outcome outcome, bytes32 head, bytes32 digest);

    /// @notice A whole list changed nothing: ignored, expired, or its party is suspended, or the ledger paused.
    /// @param list EIP-712 struct hash of the list
    event ListSkipped(uint32 indexed party, bytes32 indexed list, Outcome outcome);
}
