// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Who may sign, in which role, with which key
/// @notice The register of parties. A party is one establishment, known on chain by a random number and nothing
/// else; names stand in a directory off chain. Only the council, through the access manager, changes anything here:
/// no single key admits, suspends or revokes.
interface IPartyRegistry {
    /// @notice What a party does in the trade. The zero value is no role.
    enum Role {
        None,
        Optician,
        Glassmaker,
        Insurer,
        Auditor,
        Operator
    }

    /// @notice Whether a party may act. The zero value is a party that was never admitted. `Revoked` is for good.
    enum PartyState {
        Unknown,
        Active,
        Suspended,
        Revoked
    }

    /// @notice Whether a key may sign. `Retired` keys stay good for `GRACE` for steps claimed before they were
    /// retired; nothing signed by a `Revoked` key counts from that block on.
    enum KeyState {
        Unknown,
        Active,
        Retired,
        Revoked
    }

    /// @notice All that the ledger needs to judge a signature, in one answer. Of a revoked key role and state of the party are
    /// those it had when the key was revoked.
    /// @param party number of the party that the key signs for; zero if the key is unknown
    /// @param role the party's role
    /// @param partyState the party's state
    /// @param keyState the key's state
    /// @param retiredAt seconds since 1970 when the key was retired; zero if it was not
    /// @param custodian number of the operator that holds the key under the party's mandate; zero if the party holds it
    struct Authority {
        uint32 party;
        Role role;
        PartyState partyState;
        KeyState keyState;
        uint40 retiredAt;
        uint32 custodian;
    }

    /// @notice A party joined.
    event PartyAdmitted(uint32 indexed party, Role role);

    /// @notice A party was suspended, reinstated or revoked.
    event PartyStateChanged(uint32 indexed party, PartyState state);

    /// @notice A key was added, retired or revoked. `custodian` is zero where the party holds the key itself.
    event KeyChanged(uint32 indexed party, address indexed key, KeyState state, uint32 custodian);

    /// @notice A party's exchange keys were set, changed or, where both are zero, withdrawn.
    event ExchangeKeysChanged(uint32 indexed party, bytes32 signingKey, bytes32 encryptionKey);

    /// @notice The address of a party's gateway was set, changed or, where it is empty, withdrawn.
    event GatewayChanged(uint32 indexed party, string gateway);

    /// @notice Parties could not reach the chain between these moments, in seconds since 1970 and both among them: a step
    /// claimed then is not late. What was declared stands for good.
    event OutageDeclared(uint40 from, uint40 to);

    /// @notice A mapping table was published under a name with its version. The first root of a name is the table's.
    event TablePublished(bytes32 indexed root, string name);

    /// @notice The number zero, a number in use, or no role.
    error PartyRegistryCannotAdmit(uint32 party, Role role);

    /// @notice No such party, or it is in a state that the call does not start from.
    error PartyRegistryWrongPartyState(uint32 party, PartyState state);

    /// @notice The key is zero, in use, or in a state that the call does not start from. A key serves one party, once.
    error PartyRegistryWrongKeyState(address key, KeyState state);

    /// @notice The custodian is not an active operator.
    error PartyRegistryNotAnOperator(uint32 custodian);

    /// @notice The party has 16 keys that are not revoked; revoke one that is not needed any more.
    error PartyRegistryTooManyKeys(uint32 party);

    /// @notice One of the two keys is missing, or they are the same.
    error PartyRegistryBadExchangeKeys(uint32 party);

    /// @notice The address is longer than `MAX_GATEWAY` bytes, or holds a byte that is not visible ASCII.
    error PartyRegistryBadGateway(uint32 party);

    /// @notice The outage does not end after it began, ends ahead of the block, or is longer than `MAX_OUTAGE`.
    error PartyRegistryBadOutage(uint40 from, uint40 to);

    /// @notice The root is zero, or the name is empty, longer than `MAX_TABLE_NAME` bytes or not visible ASCII.
    error PartyRegistryBadTable(bytes32 root);

    /// @notice How long a retired key stays good for steps claimed before it was retired: 30 days, in seconds.
    function GRACE() external view returns (uint40);

    /// @notice How long the address of a gateway may be: 200 bytes.
    function MAX_GATEWAY() external view returns (uint256);

    /// @notice How long one outage may be: 60 days, in seconds.
    function MAX_OUTAGE() external view returns (uint40);

    /// @notice How long the name of a mapping table with its version may be: 31 bytes.
    function MAX_TABLE_NAME() external view returns (uint256);

    /// @notice Admit `party` in `role`, without a key yet. Council only.
    function admit(uint32 party, Role role) external;

    /// @notice Suspend an active party: its lists wait, they are not lost. Council only.
    function suspend(uint32 party) external;

    /// @notice Let a suspended party act again. Council only.
    function reinstate(uint32 party) external;

    /// @notice Revoke an active or suspended party for good. What it recorded stays. Council only.
    function revoke(uint32 party) external;

    /// @notice Let `key` sign for `party`; `custodian` is the operator that holds it, or zero. Council only.
    function addKey(uint32 party, address key, uint32 custodian) external;

    /// @notice Retire an active key: planned rotation. Council only.
    function retireKey(address key) external;

    /// @notice Revoke an active or retired key: it may be in wrong hands. Council only.
    function revokeKey(address key) external;

    /// @notice Set the keys with which `party` exchanges packages: an Ed25519 key that signs, an X25519 key that they
    /// are sealed to. They have no say on the ledger. The keys before are good no more; two zeros withdraw them. Council
    /// only.
    function setExchangeKeys(uint32 party, bytes32 signingKey, bytes32 encryptionKey) external;

    /// @notice Set where `party` takes in packages; empty for a party without a gateway. Council only.
    function setGateway(uint32 party, string calldata gateway) external;

    /// @notice Declare that parties could not reach the chain from `from` to `to`, seconds since 1970. It is logged and not
    /// kept: whoever reads the steps judges by it. Council only.
    function declareOutage(uint40 from, uint40 to) external;

    /// @notice Publish the root of the mapping table `name`, such as `list/3`. It is logged and not kept. Council only.
    function publishTable(bytes32 root, string calldata name) external;

    /// @notice What `key` may do now.
    function authorityOf(address key) external view returns (Authority memory);

    /// @notice Role and state of `party`.
    function partyOf(uint32 party) external view returns (Role role, PartyState state);

    /// @notice Exchange keys and gateway of `party`, zero and empty where there are none.
    function exchangeOf(uint32 party)
        external
        view
        returns (bytes32 signingKey, bytes32 encryptionKey, string memory gateway);
}
