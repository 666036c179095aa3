// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The ledger of equipment
/// @notice Records steps in the life of items (a lens for one eye, or a frame) and of the dossiers that group them.
/// It holds commitments, opaque random identifiers, enumerated codes, party numbers and times, and nothing else.
/// Parties sign lists of steps; anybody may relay them, and the relayer's key has no power. What contradicts is
/// recorded and flagged, never reverted; one bad step never sinks a list.
///
/// **Identifiers.** Item and dossier identifiers are 16 bytes: the 4 bytes of the creator's party number, then 12
/// random bytes. So nobody can take another's.
///
/// **Head of a step**, 32 bytes, most significant first:
/// `kind` (1) · `occurrence` (1) · `claimedAt` (5) · `subject` (16) · `detail` (9).
///
/// **Words and detail**, kind by kind. A version is one byte per group, in force when the party committed; version 1
/// is the only lawful one until the optician raises it, which takes a step that this ledger does not record yet.
///
/// | kind | signed by | subject | detail, most significant byte first | words |
/// |---|---|---|---|---|
/// | 1 Quoted | optician | item | glassmaker (4), 0 (2), versions of product, supplements, 0 (3) | dossier (left-aligned), product, supplements, coding, price |
/// | 2 Ordered | optician | item | 0 (6), versions of product, supplements, correction (3) | product, supplements, correction |
/// | 3 Manufactured | glassmaker | item | 0 (6), versions of product, supplements, correction (3) | product, supplements, correction, coding, device, reference |
/// | 4 Shipped | glassmaker | item | 0 | none |
/// | 5 Received | optician | item | 0 | none |
/// | 6 Delivered | optician | item | 0 | device |
/// | 7 Invoiced | optician | dossier | partial 0 or 1 (1), first insurer or 0 (4), second insurer or 0 (4) | claim, renewal, then five for each item: item, product, supplements, coding, price |
/// | 8 Verified | insurer | dossier | verdict (1), cases (4), occurrence of the invoice checked (1), 0 (3) | item, for each item checked |
///
/// In `Invoiced` an item's word is the identifier, left-aligned, with the versions of product, supplements, 0 in the
/// three last bytes. In `Verified` it is the identifier, left-aligned. Verdict: 1 conform, 2 justified,
/// 3 incomplete, 4 non_conform. Unused bytes are zero; otherwise the step is malformed. No root is zero.
///
/// **The table of roots** of an item has eighteen places: quoted product, supplements, coding, price (0 to 3); ordered
/// product, supplements, correction (4 to 6); manufactured product, supplements, correction, coding, device, reference
/// (7 to 12); delivered device (13); invoiced product, supplements, coding, price (14 to 17). Zero where nothing is
/// recorded. The ledger stores `keccak256(abi.encode(bytes32[18]))`. A step that carries roots for a known item brings
/// the roots recorded so far as an unsigned witness: the non-zero places in order (for `Invoiced`, item after item).
///
/// **Comparisons**, bit by bit in `mismatches` (a bit never falls): 0 quoted = ordered product, 1 supplements;
/// 2 ordered = manufactured product, 3 supplements, 4 correction; 5 manufactured = invoiced product, 6 supplements,
/// 7 coding; 8 quoted = invoiced coding, 9 price; 10 quoted = invoiced product, 11 supplements (both only for an item
/// with glassmaker 0); 12 manufactured = delivered device. Each is made when its second side is recorded.
///
/// **State of an item**, packed in 256 bits, least significant first: recorded kinds (32, bit n for kind n),
/// mismatches (16), justified (16), flags (16; bit 0: invoiced twice), sequence (32), glassmaker (32),
/// random part of the dossier's identifier (96).
///
/// **State of a dossier**, least significant first: recorded kinds (32), items quoted (16), items invoiced (16),
/// flags (16; bit 0: an item was left out of an invoice that did not say partial, or joined after it; bit 1: an
/// invoice that did not say partial is recorded; bit 2: the invoice of occurrence 0 is recorded; bit 3: the first
/// insurer's verification of occurrence 0 is recorded), sequence (32), first insurer (32), second insurer (32).
interface IEquipmentLedger {
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
        Verified
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

    /// @notice A step whose subject is an item was recorded.
    /// @param item the item
    /// @param party who signed
    /// @param sequence number of the step in the ledger, from 1 without a hole
    /// @param partySequence number of the step among the party's own, from 1 without a hole
    /// @param head the step's head
    /// @param state the item's packed state after the step
    /// @param dossier the dossier's packed state after the step; zero where the step leaves it as it was
    /// @param words the step's words
    event ItemStepRecorded(
        bytes16 indexed item,
        uint32 indexed party,
        uint64 sequence,
        uint64 partySequence,
        bytes32 head,
        uint256 state,
        uint256 dossier,
        bytes32[] words
    );

    /// @notice A step whose subject is a dossier was recorded.
    /// @param dossier the dossier
    /// @param party who signed
    /// @param sequence number of the step in the ledger, from 1 without a hole
    /// @param partySequence number of the step among the party's own, from 1 without a hole
    /// @param head the step's head
    /// @param state the dossier's packed state after the step
    /// @param words the step's words
    /// @param states the packed state after the step of each item whose state it changes, in the order of the words
    event DossierStepRecorded(
        bytes16 indexed dossier,
        uint32 indexed party,
        uint64 sequence,
        uint64 partySequence,
        bytes32 head,
        uint256 state,
        bytes32[] words,
        uint256[] states
    );

    /// @notice A step changed nothing. For `Repeated`, comparing `digest` with that of the recorded step tells the same
    /// step sent again from a conflict.
    /// @param digest EIP-712 struct hash of the step offered
    event StepSkipped(bytes16 indexed subject, uint32 indexed party, Outcome outcome, bytes32 head, bytes32 digest);

    /// @notice A whole list changed nothing: ignored, expired, or its party is suspended, or the ledger paused.
    /// @param list EIP-712 struct hash of the list
    event ListSkipped(uint32 indexed party, bytes32 indexed list, Outcome outcome);

    /// @notice Submitting is paused until `until` (seconds since 1970; zero: no longer). Reading never is.
    event PausedUntil(uint40 until);

    /// @notice A pause may last at most 30 days; the council can pause again.
    error EquipmentLedgerPauseTooLong(uint40 until);

    /// @notice Record what can be recorded of `lists`; say of each step what became of it.
    /// @return outcomes for each list one byte per step, an `Outcome`
    function submit(SignedList[] calldata lists) external returns (bytes[] memory outcomes);

    /// @notice Stop recording until `until`, or resume with zero. Council only.
    function pause(uint40 until) external;

    /// @notice How many steps are recorded: the sequence of the last one.
    function count() external view returns (uint64);

    /// @notice How many steps of `party` are recorded.
    function countOf(uint32 party) external view returns (uint64);

    /// @notice Packed state of an item, and the hash of its table of roots; zeros if it was never quoted.
    function itemOf(bytes16 item) external view returns (uint256 state, bytes32 roots);

    /// @notice Packed state of a dossier; zero if nothing was quoted under it.
    function dossierOf(bytes16 dossier) external view returns (uint256 state);

    /// @notice The register of parties that this ledger asks.
    function registry() external view returns (address);
}
