// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "./ISteps.sol";

/// @title The ledger of equipment
/// @notice Records steps in the life of items (a lens for one eye, or a frame), of the dossiers that group them, and of
/// lots of stock. It holds commitments, opaque random identifiers, enumerated codes, party numbers and times, and
/// nothing else. Parties sign lists of steps; anybody may relay them, and the relayer's key has no power. What
/// contradicts is recorded and flagged, never reverted; one bad step never sinks a list. The ledger keeps **facts**;
/// whether a mismatch is justified, and the verdict, follow from the facts, whatever the order in which the parties'
/// steps arrived.
///
/// **Identifiers.** Item, dossier and lot identifiers are 16 bytes: the 4 bytes of the creator's party number, then 12
/// random bytes. So nobody can take another's.
///
/// **Head of a step**, 32 bytes, most significant first:
/// `kind` (1) · `occurrence` (1) · `claimedAt` (5) · `subject` (16) · `detail` (9).
///
/// **Identity.** (subject, kind, author, occurrence) is recorded once. Occurrence is 0 for a step on an item and for
/// `LotShipped`, but of `ErrorDeclared` it is the number of the comparison in error, 0 to 12, and of `Erased` 0 for the
/// whole record and another for single groups: the number of the first of them. Of other steps it counts; `Invoiced`
/// has 0 to 7.
///
/// **Words and detail**, kind by kind. Detail stands most significant byte first, and what is not named is zero. An
/// identifier in a word stands to the left. A version is one byte per group, the one in force when the party committed;
/// a quote has 1, another 1 to 255. No subject and no word is zero, but for siblings. Items of one step are distinct, and
/// so are the two dossiers of `BreakageReplaced`. A second insurer stands only beside another first one; who else is named
/// by number is somebody, but for the glassmaker of a quote. A kind in error
/// is one of the two sides of its comparison (*made* is manufactured), and only ordered, manufactured and delivered can
/// be declared not to have occurred.
///
/// | kind | signed by | subject | detail | words |
/// |---|---|---|---|---|
/// | 1 Quoted | optician | item | glassmaker (4), 0 (2), versions of product, supplements (2), 0 | dossier, product, supplements, coding, price |
/// | 1 Quoted, replacing | optician | item | glassmaker (4), 0 (5) | dossier, item replaced |
/// | 2 Ordered | optician | item | 0 (6), versions of product, supplements, correction (3) | product, supplements, correction |
/// | 3 Manufactured | glassmaker | item | warranty 0 or 1 (1), 0 (5), versions of product, supplements, correction (3) | product, supplements, correction, coding, device, reference, nullifier |
/// | 4 Shipped | glassmaker | item | | |
/// | 5 Received | optician | item | | |
/// | 6 Delivered | optician | item | | device; then nullifier or nothing |
/// | 7 Invoiced | optician | dossier | partial 0 or 1 (1), first insurer or 0 (4), second insurer or 0 (4) | claim, renewal, then five for each of 1 to 16 items: item, product, supplements, coding, price |
/// | 8 Verified | insurer | dossier | verdict 1 to 4 (1), cases (4), occurrence of the invoice checked (1) | |
/// | 9 Acknowledged | glassmaker | item | | |
/// | 10 Mounted | optician | item | | |
/// | 11 Drawn | optician | item | number of the unit (4), 0 (2), versions of product, supplements (2), both 1, 0 | lot, nullifier, product, supplements, correction, coding, device, then 0 to 32 siblings |
/// | 12 Substituted | glassmaker and optician | item | 0 (6), versions of product, supplements (2) | product, supplements |
/// | 13 Cancelled | optician, glassmaker | item | reason (1) | |
/// | 14 RefusedOnArrival | optician | item | reason (1) | |
/// | 15 BrokenAtEdging | optician | item | reason (1) | |
/// | 16 Returned | optician | item | reason (1) | |
/// | 17 Credited | glassmaker | item | reason (1) | nullifier |
/// | 18 Exchanged | optician | item given | reason (1) | first item |
/// | 19 ErrorDeclared | optician, glassmaker | item | kind in error (1), nature 1 or 2 (1) | nature 1, did not occur: none; nature 2, incorrect data: the root corrected |
/// | 20 Erased | whoever takes part | item or dossier | a bit for each group by its number 1 to 12, none for the whole record (2) | |
/// | 21 Decided | insurer | dossier | decision 1 to 4 (1), reason (1), deadline (5), occurrence of its check (1) | |
/// | 22 Answered | optician | dossier | insurer or auditor (4), occurrence of the decision or demand (1), kind answered 21 or 29 (1) | what answers |
/// | 23 CoverRequested | optician | dossier | insurer (4) | request |
/// | 24 CoverAnswered | insurer | dossier | answer 1 to 3 (1), occurrence of the request (1) | answer |
/// | 25 CoverCancelled | optician | dossier | occurrence of the request (1) | |
/// | 26 BreakageReplaced | optician | second dossier | | first dossier |
/// | 27 RenewalStated | optician | dossier | | statement |
/// | 28 Withdrawn | optician | dossier | occurrence of the invoice, 0 to 7 (1) | item, for each of 1 to 16 |
/// | 29 OpeningDemanded | insurer, auditor | dossier | group 1 to 7 (1) | item |
/// | 30 LotShipped | glassmaker | lot | buyer (4) | root of its units |
/// | 31 LotTransferred | holder | lot | new holder (4) | |
///
/// Verdict: 1 conform, 2 justified, 3 incomplete, 4 non_conform. Decision: 1 settled, 2 questioned, 3 refused, 4
/// recovered; `questioned` has a deadline, the others 0. Answer: 1 granted, 2 refused, 3 pending. Group: 1 product, 2
/// supplements, 3 correction, 4 coding, 5 price, 6 device, 7 renewal; erased only also 8 reference, 9 claim, 10
/// statement, 11 cover, 12 grant. Reasons are listed in the protocol, 1 to 255.
/// The kind in error is one that stands on a side of the comparison. The
/// item's word of `Invoiced` has the versions of product and supplements in its 30th and 31st byte, the last is zero. A
/// unit's leaf is `keccak256(keccak256(abi.encode(uint32 number, bytes32 nullifier, bytes32 product, bytes32
/// supplements, bytes32 correction, bytes32 coding, bytes32 device)))`; a lot's root is that of OpenZeppelin's standard
/// tree.
///
/// **The table of an item** has eight places: 0 the dossier's identifier, to the left; 1 quoted; 2 ordered; 3
/// manufactured; 4 the device root of `Manufactured`; 5 delivered; 6 drawn; 7 invoiced. Zero where nothing is recorded.
/// A **section** is `keccak256` over a step's head and roots, 32 bytes each: 1 head, product, supplements, coding,
/// price; 2 head, product, supplements, correction; 3 head, product, supplements, correction, coding; 5 head, device; 6
/// head, product, supplements, coding, device; 7 item's word, product, supplements, coding, price, where the 17th byte
/// of the item's word is the invoice's occurrence. Place 7 is the section of the one invoice that stands; with more,
/// `keccak256` over their sections, the inherited one first, then in order of occurrence. An item that replaces one of
/// the same glassmaker has that one's place 1; another has none. The ledger keeps the last 160 bits of `keccak256` over
/// the table.
///
/// **Witness.** A step that needs the table brings it, unsigned: place 0 (not in `Invoiced` and `Withdrawn`, whose
/// subject it is), then the recorded places 1 to 7 in order, each as it stands in the table, or *expanded*: as head and
/// roots, place 7 section by section. `Invoiced` and `Withdrawn` bring it for item after item. Expanded are, of
///
/// | kind | places expanded |
/// |---|---|
/// | Quoted, replacing (table of the item replaced); Credited | none |
/// | Ordered | 1, 3 |
/// | Manufactured | 2, 5, 7 |
/// | Delivered | 6 |
/// | Drawn | 5, 7 |
/// | Invoiced | 1, 3, 6; place 7 as its sections' hashes, however many |
/// | Withdrawn | 1, 2, 3, 6, 7 |
/// | Substituted | 2, 3 |
/// | Cancelled | 3 |
/// | Exchanged (first the table of the item given, then that of the first item) | 3, 6, with place 7 as hashes; 5, 7 |
/// | ErrorDeclared | 1, 2, 3, 5, 6, 7 |
///
/// Other kinds need none and any is ignored.
///
/// **When a step is recorded.** First its shape (Malformed), then who may sign it whatever is recorded (NotAllowed): an
/// optician only for subjects, items, dossiers to join and items named that it created, but for the first dossier of
/// `BreakageReplaced`; a lot by the glassmaker that created it; whoever is named by number in the role that the word
/// says (a buyer or holder is an optician); `Substituted`, `Cancelled`, `ErrorDeclared` an optician or a glassmaker,
/// but a glassmaker no error in comparisons 8 to 11; `Erased` an optician, glassmaker or insurer. Then the claimed time
/// (ClaimedAhead: more than 15 minutes ahead of the block; ClaimedAfterRetirement). Then, in this order, by kind:
///
/// - Quoted: the item is known: Repeated. The dossier has 65,535 items: NotAllowed. Replacing: the replaced item is
///   unknown: PredecessorMissing; it is replaced already: NotAllowed; StaleWitness;
///   it is of another dossier: NotAllowed.
/// - Other steps on an item. It is unknown: of an optician PredecessorMissing, else UnknownSubject. A glassmaker that
///   is not the item's: NotAllowed. The item has glassmaker 0 and the step is Ordered, Received, Drawn or Substituted:
///   NotAllowed. The identity is recorded: Repeated. Ordered after Drawn, Drawn after Ordered: NotAllowed. Shipped
///   without Manufactured, Credited without Manufactured and Drawn, Received without Ordered: PredecessorMissing.
///   Drawn: the lot is unknown: UnknownSubject; it is another glassmaker's: NotAllowed; leaf and siblings do not lead to
///   its root: Malformed; the party does not hold it: NotYetNamed. Exchanged: the first item is unknown:
///   PredecessorMissing; it is the item itself, the item is no replacement, or the first one was exchanged before:
///   NotAllowed; not exactly one invoice of the first one stands, the inherited one counted: PredecessorMissing. Then
///   StaleWitness. Exchanged: place 1 of both tables is not the same, or zero: NotAllowed.
/// - Invoiced: the occurrence is recorded: Repeated. More than two insurers over all invoices: NotAllowed. An item is
///   unknown: PredecessorMissing. StaleWitness, also for an item of another dossier.
/// - Withdrawn: no such invoice is recorded: PredecessorMissing. Repeated. An item is unknown, or this invoice of it
///   does not stand: PredecessorMissing. StaleWitness.
/// - Other steps on a dossier. It is unknown: of an optician PredecessorMissing, else UnknownSubject. Verified,
///   Decided, and OpeningDemanded by an insurer: the insurer is not named: NotYetNamed. CoverAnswered: that request
///   does not name the insurer: NotYetNamed. Repeated. Verified: the invoice is not recorded; Decided: its check is
///   not; CoverCancelled: its request is not: PredecessorMissing. OpeningDemanded: the item is unknown;
///   BreakageReplaced: the first dossier is unknown: UnknownSubject.
/// - Erased: the subject is no known item or dossier: UnknownSubject. A glassmaker that is not the item's: NotAllowed;
///   an insurer that neither an invoice nor a request for cover of the dossier names: NotYetNamed (an insurer erases a
///   dossier, a glassmaker an item, an optician the item if the subject is one).
///   Repeated.
/// - LotShipped: the lot is known: Repeated. LotTransferred: it is unknown: UnknownSubject. The party is neither the
///   new holder nor a holder: NotYetNamed. Repeated. The new holder holds once a holder and it have both signed.
///
/// **Nullifiers.** `Manufactured` and `Drawn` bind the nullifier to the item, if none is bound; `Delivered` with one
/// shows it, and that is remembered unless it is bound to this item or another one was shown before. If it is bound to
/// another item, or another item was shown under it, both items are marked duplicate. `Credited` frees it, if it is
/// bound to this item, and forgets that this item was shown; `Delivered` of a credited item shows nothing.
/// `DuplicateFound` is logged once for each other item, the bound one first, also where it was marked before. The mark says that two stood behind it once; whether they do is read from the steps (protocol, 6).
///
/// **Comparisons**, bit by bit in `mismatches`: 0 quoted = ordered product, 1 supplements; 2 ordered = manufactured
/// product, 3 supplements, 4 correction; 5 made = invoiced product, 6 supplements, 7 coding; 8 quoted = invoiced
/// coding, 9 price; 10 quoted = invoiced product, 11 supplements (both only for an item with glassmaker 0); 12 made =
/// delivered device. *Made* is manufactured and drawn, each by itself. Each is made when its second side is recorded,
/// with every invoice that stands; sides of different versions are not compared, and the item is marked *incomparable*.
/// A bit falls only when an invoice is withdrawn: then 5 to 11 are made again with what still stands. An item's own
/// invoices are compared with its quote (8 to 11), an inherited one is not.
///
/// **State of an item**, 256 bits, least significant first: recorded kinds (24, bit n for kind n,
/// 7 if an invoice ever listed it), invoices that stand
/// (8, by occurrence), mismatches (16), flags (16), glassmaker (32), hash of the table (160). Flags: 0 duplicate: its
/// nullifier stands behind another item too, or it was both manufactured and drawn; 1 replaced: another names it; 2
/// replacement: it names another; 3 unquoted: it has no place 1, so there is no quote to
/// compare; 4 warranty: its `Manufactured` says so; 5 inherited: an exchange gave it the first item's invoice; 6
/// exchanged: it is the first item of an exchange; 7 incomparable; 8 exceptional: the exceptions word is not zero; 9
/// open: no invoice covers it, the inherited one counted, no replacement took its place, it is not relieved, and neither
/// `Cancelled`, by whomever, nor `Credited` is recorded; 10 relieved: when it was quoted, an invoice covered the item that
/// it replaces, or that one was relieved.
///
/// **Exceptions of an item**, 256 bits, least significant first: 0 substituted by the optician, 1 by the glassmaker, 2
/// both say the same (detail and words), 3 the later claim is after manufactured; once both say the same: 4 ordered
/// product and its version are the substituted ones, 5 supplements, 6 manufactured product, 7 supplements; 8 cancelled
/// by the optician, 9 by the glassmaker, 10 the optician's claimed after manufactured; 11 exchanged for an item whose
/// delivery is claimed earlier than the exchange; 13 ordered, 14 manufactured, 15 delivered did not occur, both agree
/// in one comparison; 16 to 31 error declared by the optician, comparison by comparison; 32 to 47 by the glassmaker; 48
/// to 63 both say the same; 64 to 79 the optician's corrected root equals one that stands on the other side, of
/// comparisons that are made for this item; 96 to 135 when it was substituted, the later claim of both; 136 to 175 when
/// the optician cancelled.
///
/// **State of a dossier**, least significant first: recorded kinds (32: those on the dossier, and 1), items quoted
/// (16), items open (16), invoices recorded (8, by occurrence), those of them that do not say partial (8), flags (8; bit
/// 0: the first insurer's check of occurrence 0 is recorded), breakage replacements that name it (8, 255 at most), first
/// insurer (32), second insurer (32), earliest claimed time of a check (40). An item is hidden if one is open while an
/// invoice that does not say partial stands for an item of the dossier.
///
/// **State of a lot**, least significant first: glassmaker (32), buyer (32).
///
/// **Justified.** A mismatch bit is justified by: *substituted*, if both say the same and it is not claimed after
/// manufactured: bits 0, 1 where ordered is what was substituted, 2, 3 where manufactured is, and 8 in any case;
/// *exchanged*, if the item replaces the first one, is marked warranty and of the first one's glassmaker, and the first
/// one was delivered earlier, was manufactured, has an invoice that stands and no mismatch among 5 to 7: bits 0, 1, 5,
/// 6, 7; *error declared*, if the corrected root equals the other side, no check of the dossier is claimed before the
/// declaration (of two the later), and both say the same (0 to 7, 12) or the optician says so (8 to 11): that one bit.
/// Bit 8 of a drawn item does not count: its two sides have different keys.
interface IEquipmentLedger is ISteps {
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

    /// @notice Packed state of an item, and its exceptions; zeros if it was never quoted.
    function itemOf(bytes16 item) external view returns (uint256 state, uint256 exceptions);

    /// @notice The mismatch bits of an item that count, and those among them that are justified.
    function bitsOf(bytes16 item) external view returns (uint16 mismatches, uint16 justified);

    /// @notice Packed state of a dossier; zero if nothing was quoted under it.
    function dossierOf(bytes16 dossier) external view returns (uint256 state);

    /// @notice Packed state of a lot, and the root of its units; zeros if it was never shipped.
    function lotOf(bytes16 lot) external view returns (uint256 state, bytes32 root);

    /// @notice The item that `nullifier` is bound to, and the one that was handed over under it; zero where none.
    function nullifierOf(bytes32 nullifier) external view returns (bytes16 bound, bytes16 shown);

    /// @notice The register of parties that this ledger asks.
    function registry() external view returns (address);
}
