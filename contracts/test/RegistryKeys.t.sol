// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Governed} from "./support/Governed.sol";
import {Vm} from "./support/Vm.sol";

contract RegistryKeysTest is Governed {
    address private constant KEY = address(0xBEEF);

    function testGraceIsThirtyDays() public view {
        equal(registry.GRACE(), 30 * 24 * 3600, "seconds");
    }

    function testAnUnknownKeyHasNoAuthority() public view {
        _expect(KEY, 0, IPartyRegistry.Role.None, IPartyRegistry.KeyState.Unknown, 0, 0);
    }

    function testAKeyServesItsPartyInTheRoleOfTheParty() public {
        registry.addKey(OPTICIAN, KEY, 0);
        _expect(KEY, OPTICIAN, IPartyRegistry.Role.Optician, IPartyRegistry.KeyState.Active, 0, 0);
    }

    function testASuspendedPartyMayGetAKeyAndShowsSuspended() public {
        registry.suspend(OPTICIAN);
        registry.addKey(OPTICIAN, KEY, 0);
        equal(
            uint8(registry.authorityOf(KEY).partyState), uint8(IPartyRegistry.PartyState.Suspended), "state of the party"
        );
    }

    function testACustodianIsAnActiveOperator() public {
        registry.addKey(OPTICIAN, KEY, OPERATOR);
        _expect(KEY, OPTICIAN, IPartyRegistry.Role.Optician, IPartyRegistry.KeyState.Active, 0, OPERATOR);

        _refuseCustodian(INSURER);
        _refuseCustodian(NOBODY);
        registry.suspend(OPERATOR);
        _refuseCustodian(OPERATOR);
        registry.revoke(OPERATOR);
        _refuseCustodian(OPERATOR);
    }

    function testAKeyServesOnePartyOnce() public {
        registry.addKey(OPTICIAN, KEY, 0);
        _refuseAdding(KEY, IPartyRegistry.KeyState.Active);
        registry.retireKey(KEY);
        _refuseAdding(KEY, IPartyRegistry.KeyState.Retired);
        registry.revokeKey(KEY);
        _refuseAdding(KEY, IPartyRegistry.KeyState.Revoked);
        _refuseAdding(address(0), IPartyRegistry.KeyState.Unknown);
    }

    function testRetiringKeepsTheMoment() public {
        registry.addKey(OPTICIAN, KEY, OPERATOR);
        vm.warp(NOW + 5);
        registry.retireKey(KEY);
        vm.warp(NOW + 10);
        _expect(
            KEY, OPTICIAN, IPartyRegistry.Role.Optician, IPartyRegistry.KeyState.Retired, uint40(NOW + 5), OPERATOR
        );
        _refuse(abi.encodeCall(registry.retireKey, (KEY)), KEY, IPartyRegistry.KeyState.Retired);
    }

    function testARetiredOrActiveKeyCanBeRevokedForGood() public {
        registry.revokeKey(signerOf(OPTICIAN));
        registry.retireKey(signerOf(INSURER));
        registry.revokeKey(signerOf(INSURER));
        address[2] memory keys = [signerOf(OPTICIAN), signerOf(INSURER)];
        for (uint256 i = 0; i < 2; i++) {
            equal(uint8(registry.authorityOf(keys[i]).keyState), uint8(IPartyRegistry.KeyState.Revoked), "revoked");
            _refuse(abi.encodeCall(registry.revokeKey, (keys[i])), keys[i], IPartyRegistry.KeyState.Revoked);
            _refuse(abi.encodeCall(registry.retireKey, (keys[i])), keys[i], IPartyRegistry.KeyState.Revoked);
        }
    }

    function testAnUnknownKeyCanBeNeitherRetiredNorRevoked() public {
        _refuse(abi.encodeCall(registry.retireKey, (KEY)), KEY, IPartyRegistry.KeyState.Unknown);
        _refuse(abi.encodeCall(registry.revokeKey, (KEY)), KEY, IPartyRegistry.KeyState.Unknown);
    }

    function testEachChangeOfAKeyIsLoggedWithPartyAndCustodian() public {
        vm.recordLogs();
        registry.addKey(OPTICIAN, KEY, OPERATOR);
        registry.retireKey(KEY);
        registry.revokeKey(KEY);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 3, "three logs");
        for (uint256 i = 0; i < 3; i++) {
            equal(logs[i].topics[0], IPartyRegistry.KeyChanged.selector, "event");
            equal(logs[i].topics[1], bytes32(uint256(OPTICIAN)), "party");
            equal(logs[i].topics[2], bytes32(uint256(uint160(KEY))), "key");
            equal(keccak256(logs[i].data), keccak256(abi.encode(i + 1, OPERATOR)), "state, custodian");
        }
    }

    function testAPartyHasSixteenKeysAtMostAndARevokedOneMakesRoom() public {
        for (uint160 i = 2; i <= 16; i++) {
            registry.addKey(OPTICIAN, address(i), 0);
        }
        _refuseOneMore();
        registry.retireKey(address(2));
        _refuseOneMore();
        registry.revokeKey(address(2));
        registry.addKey(OPTICIAN, address(17), 0);
        _refuseOneMore();
        registry.addKey(INSURER, address(0xF00D), 0);
    }

    /// @dev Whichever of four keys is revoked: the first, the last, or one between them.
    function testFuzzWhatBefallsAPartyReachesEveryKeyThatIsNotRevoked(uint8 revoked) public {
        address[4] memory keys = [signerOf(OPTICIAN), address(2), address(3), address(4)];
        for (uint256 i = 1; i < 4; i++) {
            registry.addKey(OPTICIAN, keys[i], 0);
        }
        revoked %= 4;
        registry.revokeKey(keys[revoked]);
        registry.suspend(OPTICIAN);
        for (uint256 i = 0; i < 4; i++) {
            if (i == revoked) continue;
            IPartyRegistry.PartyState seen = registry.authorityOf(keys[i]).partyState;
            equal(uint8(seen), uint8(IPartyRegistry.PartyState.Suspended), "state of the party");
        }
    }

    function _refuseOneMore() private {
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistryTooManyKeys.selector, OPTICIAN));
        registry.addKey(OPTICIAN, KEY, 0);
    }

    function _refuseCustodian(uint32 custodian) private {
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistryNotAnOperator.selector, custodian));
        registry.addKey(OPTICIAN, address(0xF00D), custodian);
        _expect(address(0xF00D), 0, IPartyRegistry.Role.None, IPartyRegistry.KeyState.Unknown, 0, 0);
    }

    /// @dev For another party and for the same: it makes no difference.
    function _refuseAdding(address key, IPartyRegistry.KeyState state) private {
        _refuse(abi.encodeCall(registry.addKey, (OPTICIAN, key, 0)), key, state);
        _refuse(abi.encodeCall(registry.addKey, (INSURER, key, 0)), key, state);
    }

    function _refuse(bytes memory call, address key, IPartyRegistry.KeyState state) private {
        (bool done, bytes memory reason) = address(registry).call(call);
        check(!done, "the call succeeded");
        equal(
            keccak256(reason),
            keccak256(abi.encodeWithSelector(IPartyRegistry.PartyRegistryWrongKeyState.selector, key, state)),
            "the reason is the key's state"
        );
    }

    function _expect(
        address key,
        uint32 party,
        IPartyRegistry.Role role,
        IPartyRegistry.KeyState state,
        uint40 retiredAt,
        uint32 custodian
    ) private view {
        IPartyRegistry.Authority memory seen = registry.authorityOf(key);
        equal(seen.party, party, "party");
        equal(uint8(seen.role), uint8(role), "role");
        equal(uint8(seen.keyState), uint8(state), "state of the key");
        equal(seen.retiredAt, retiredAt, "retired at");
        equal(seen.custodian, custodian, "custodian");
    }
}
