// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";

/// @title The register of parties and keys, behind a proxy
/// @dev Whoever the access manager allows to call a restricted function is the council. The same holds for upgrades.
contract PartyRegistry is IPartyRegistry, AccessManagedUpgradeable, UUPSUpgradeable {
    /// @dev One slot. The zero value is a party that was never admitted.
    struct Party {
        Role role;
        PartyState state;
    }

    /// @dev One slot. The zero value is an unknown key. Role and state of the party stand here too, so that the ledger,
    /// which asks for every list, reads one slot: 2,100 gas less each time.
    struct Key {
        uint32 party;
        uint32 custodian;
        uint40 retiredAt;
        KeyState state;
        Role role;
        PartyState partyState;
    }

    /// @dev Keys of a party that are not revoked, at most: a change of the party's state writes each of them.
    uint256 private constant _MAX_KEYS = 16;

    /// @dev What packages are signed with and sealed to, and where they go.
    struct Exchange {
        bytes32 signingKey;
        bytes32 encryptionKey;
        string gateway;
    }

    /// @inheritdoc IPartyRegistry
    uint40 public constant GRACE = 30 days;

    /// @inheritdoc IPartyRegistry
    uint256 public constant MAX_GATEWAY = 200;

    /// @inheritdoc IPartyRegistry
    uint40 public constant MAX_OUTAGE = 60 days;

    /// @inheritdoc IPartyRegistry
    uint256 public constant MAX_TABLE_NAME = 31;

    mapping(uint32 number => Party) private _parties;
    mapping(address key => Key) private _keys;
    mapping(uint32 number => Exchange) private _exchanges;

    /// @dev The keys of a party that are not revoked.
    mapping(uint32 party => address[]) private _keysOf;

    /// @dev Nobody may initialise the implementation itself.
    constructor() {
        _disableInitializers();
    }

    /// @notice Put the registry under `authority`, an access manager. Called once, by the proxy's constructor.
    function initialize(address authority) external initializer {
        __AccessManaged_init(authority);
    }

    /// @inheritdoc IPartyRegistry
    function admit(uint32 party, Role role) external restricted {
        if (party == 0 || role == Role.None || _parties[party].state != PartyState.Unknown) {
            revert PartyRegistryCannotAdmit(party, role);
        }

        _parties[party] = Party(role, PartyState.Active);
        emit PartyAdmitted(party, role);
    }

    /// @inheritdoc IPartyRegistry
    function suspend(uint32 party) external restricted {
        PartyState state = _parties[party].state;
        if (state != PartyState.Active) revert PartyRegistryWrongPartyState(party, state);

        _setPartyState(party, PartyState.Suspended);
    }

    /// @inheritdoc IPartyRegistry
    function reinstate(uint32 party) external restricted {
        PartyState state = _parties[party].state;
        if (state != PartyState.Suspended) revert PartyRegistryWrongPartyState(party, state);

        _setPartyState(party, PartyState.Active);
    }

    /// @inheritdoc IPartyRegistry
    function revoke(uint32 party) external restricted {
        _requireNotGone(party);

        _setPartyState(party, PartyState.Revoked);
    }

    /// @inheritdoc IPartyRegistry
    /// @dev A suspended party may get a key: that is how one whose keys were stolen comes back.
    function addKey(uint32 party, address key, uint32 custodian) external restricted {
        _requireNotGone(party);
        KeyState state = _keys[key].state;
        if (key == address(0) || state != KeyState.Unknown) revert PartyRegistryWrongKeyState(key, state);
        Party storage operator = _parties[custodian];
        if (custodian != 0 && (operator.role != Role.Operator || operator.state != PartyState.Active)) {
            revert PartyRegistryNotAnOperator(custodian);
        }

        if (_keysOf[party].length == _MAX_KEYS) revert PartyRegistryTooManyKeys(party);

        _keysOf[party].push(key);
        _keys[key] = Key({
            party: party,
            custodian: custodian,
            retiredAt: 0,
            state: KeyState.Active,
            role: _parties[party].role,
            partyState: _parties[party].state
        });
        emit KeyChanged(party, key, KeyState.Active, custodian);
    }

    /// @inheritdoc IPartyRegistry
    function retireKey(address key) external restricted {
        KeyState state = _keys[key].state;
        if (state != KeyState.Active) revert PartyRegistryWrongKeyState(key, state);

        _keys[key].retiredAt = uint40(block.timestamp);
        _setKeyState(key, KeyState.Retired);
    }

    /// @inheritdoc IPartyRegistry
    function revokeKey(address key) external restricted {
        KeyState state = _keys[key].state;
        if (state != KeyState.Active && state != KeyState.Retired) revert PartyRegistryWrongKeyState(key, state);

        _forget(_keysOf[_keys[key].party], key);
        _setKeyState(key, KeyState.Revoked);
    }

    /// @inheritdoc IPartyRegistry
    /// @dev Of a revoked party nothing changes; who would seal to it looks at its state.
    function setExchangeKeys(uint32 party, bytes32 signingKey, bytes32 encryptionKey) external restricted {
        _requireNotGone(party);
        bool withdrawn = signingKey == 0 && encryptionKey == 0;
        if (!withdrawn && (signingKey == 0 || encryptionKey == 0 || signingKey == encryptionKey)) {
            revert PartyRegistryBadExchangeKeys(party);
        }

        Exchange storage exchange = _exchanges[party];
        exchange.signingKey = signingKey;
        exchange.encryptionKey = encryptionKey;
        emit ExchangeKeysChanged(party, signingKey, encryptionKey);
    }

    /// @inheritdoc IPartyRegistry
    /// @dev Only the alphabet is held here. Where a gateway may call, it decides itself when it calls.
    function setGateway(uint32 party, string calldata gateway) external restricted {
        _requireNotGone(party);
        if (bytes(gateway).length > MAX_GATEWAY || !_isVisible(gateway)) revert PartyRegistryBadGateway(party);

        _exchanges[party].gateway = gateway;
        emit GatewayChanged(party, gateway);
    }

    /// @inheritdoc IPartyRegistry
    function declareOutage(uint40 from, uint40 to) external restricted {
        if (to <= from || to > block.timestamp || to - from > MAX_OUTAGE) revert PartyRegistryBadOutage(from, to);

        emit OutageDeclared(from, to);
    }

    /// @inheritdoc IPartyRegistry
    function publishTable(bytes32 root, string calldata name) external restricted {
        uint256 length = bytes(name).length;
        if (root == 0 || length == 0 || length > MAX_TABLE_NAME || !_isVisible(name)) revert PartyRegistryBadTable(root);

        emit TablePublished(root, name);
    }

    /// @inheritdoc IPartyRegistry
    function authorityOf(address key) external view returns (Authority memory) {
        Key memory entry = _keys[key];
        return Authority({
            party: entry.party,
            role: entry.role,
            partyState: entry.partyState,
            keyState: entry.state,
            retiredAt: entry.retiredAt,
            custodian: entry.custodian
        });
    }

    /// @inheritdoc IPartyRegistry
    function partyOf(uint32 party) external view returns (Role role, PartyState state) {
        return (_parties[party].role, _parties[party].state);
    }

    /// @inheritdoc IPartyRegistry
    function exchangeOf(uint32 party)
        external
        view
        returns (bytes32 signingKey, bytes32 encryptionKey, string memory gateway)
    {
        Exchange storage exchange = _exchanges[party];
        return (exchange.signingKey, exchange.encryptionKey, exchange.gateway);
    }

    /// @dev Whether every byte is visible ASCII.
    function _isVisible(string calldata text) private pure returns (bool) {
        bytes calldata letters = bytes(text);
        for (uint256 i = 0; i < letters.length; i++) {
            if (letters[i] < 0x21 || letters[i] > 0x7e) return false;
        }
        return true;
    }

    /// @dev Refuse a party that was never admitted, or is revoked.
    function _requireNotGone(uint32 party) private view {
        PartyState state = _parties[party].state;
        if (state != PartyState.Active && state != PartyState.Suspended) {
            revert PartyRegistryWrongPartyState(party, state);
        }
    }

    function _setPartyState(uint32 party, PartyState state) private {
        _parties[party].state = state;
        address[] storage keys = _keysOf[party];
        for (uint256 i = 0; i < keys.length; i++) {
            _keys[keys[i]].partyState = state;
        }
        emit PartyStateChanged(party, state);
    }

    /// @dev Take `key` out of `keys`, where it is.
    function _forget(address[] storage keys, address key) private {
        uint256 last = keys.length - 1;
        for (uint256 i = 0; i < last; i++) {
            if (keys[i] == key) {
                keys[i] = keys[last];
                break;
            }
        }
        keys.pop();
    }

    function _setKeyState(address key, KeyState state) private {
        Key storage entry = _keys[key];
        entry.state = state;
        emit KeyChanged(entry.party, key, state, entry.custodian);
    }

    /// @dev An upgrade is the council's, like every other change.
    function _authorizeUpgrade(address) internal override restricted {}
}
