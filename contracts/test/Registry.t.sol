// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Governed} from "./support/Governed.sol";
import {Vm} from "./support/Vm.sol";

contract RegistryTest is Governed {
    uint32 private constant NEW = 0x7E57;
    address private constant KEY = address(0xBEEF);

    function setUp() public override {
        super.setUp();
        registry.admit(NEW, IPartyRegistry.Role.Optician);
    }

    // ------------------------------------------------------------------------------------------- who may

    function testEveryChangeIsRefusedToWhomTheManagerDoesNotAllow() public {
        _refuseToStranger(abi.encodeCall(registry.admit, (1, IPartyRegistry.Role.Optician)));
        _refuseToStranger(abi.encodeCall(registry.suspend, (NEW)));
        _refuseToStranger(abi.encodeCall(registry.reinstate, (NEW)));
        _refuseToStranger(abi.encodeCall(registry.revoke, (NEW)));
        _refuseToStranger(abi.encodeCall(registry.addKey, (NEW, KEY, 0)));
        _refuseToStranger(abi.encodeCall(registry.retireKey, (signerOf(OPTICIAN))));
        _refuseToStranger(abi.encodeCall(registry.revokeKey, (signerOf(OPTICIAN))));
        _refuseToStranger(abi.encodeCall(registry.setExchangeKeys, (NEW, bytes32(uint256(1)), bytes32(uint256(2)))));
        _refuseToStranger(abi.encodeCall(registry.setGateway, (NEW, "https://gateway.example")));
        _refuseToStranger(abi.encodeCall(registry.upgradeToAndCall, (address(registry), "")));
    }

    function testAManagerMayAllowOneFunctionToOneRole() public {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = registry.suspend.selector;
        manager.setTargetFunctionRole(address(registry), selectors, 7);
        manager.grantRole(7, address(0xC0), 0);

        vm.prank(address(0xC0));
        registry.suspend(NEW);
        _expectParty(NEW, IPartyRegistry.Role.Optician, IPartyRegistry.PartyState.Suspended);
        vm.prank(address(0xC0));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xC0)));
        registry.reinstate(NEW);
    }

    function _refuseToStranger(bytes memory call) private {
        address stranger = signerOf(OPTICIAN);
        vm.prank(stranger);
        (bool done, bytes memory reason) = address(registry).call(call);
        check(!done, "a stranger changed the registry");
        equal(
            keccak256(reason),
            keccak256(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)),
            "the reason is authority"
        );
    }

    // ------------------------------------------------------------------------------------------- parties

    function testAdmitRefusesNumberZeroNoRoleAndANumberInUse() public {
        _refuseAdmission(0, IPartyRegistry.Role.Optician);
        _refuseAdmission(1, IPartyRegistry.Role.None);
        _refuseAdmission(NEW, IPartyRegistry.Role.Optician);
        _refuseAdmission(NEW, IPartyRegistry.Role.Insurer);
        registry.revoke(NEW);
        _refuseAdmission(NEW, IPartyRegistry.Role.Optician);
    }

    function testAdmitLogsAndShowsEachRole() public {
        for (uint8 role = 1; role <= uint8(type(IPartyRegistry.Role).max); role++) {
            vm.recordLogs();
            registry.admit(role, IPartyRegistry.Role(role));
            Vm.Log memory log = vm.getRecordedLogs()[0];
            equal(log.topics[0], IPartyRegistry.PartyAdmitted.selector, "event");
            equal(log.topics[1], bytes32(uint256(role)), "party");
            equal(keccak256(log.data), keccak256(abi.encode(role)), "role");
            _expectParty(role, IPartyRegistry.Role(role), IPartyRegistry.PartyState.Active);
        }
    }

    function testAnUnknownPartyHasNoRoleAndCannotChangeState() public {
        _expectParty(NOBODY, IPartyRegistry.Role.None, IPartyRegistry.PartyState.Unknown);
        _refuseStates(NOBODY, IPartyRegistry.PartyState.Unknown, false, false, false);
    }

    function testAnActivePartyCanBeSuspendedAndRevokedOnly() public {
        _refuseStates(NEW, IPartyRegistry.PartyState.Active, true, false, true);
    }

    function testASuspendedPartyCanBeReinstatedAndRevokedOnly() public {
        registry.suspend(NEW);
        _expectParty(NEW, IPartyRegistry.Role.Optician, IPartyRegistry.PartyState.Suspended);
        _refuseStates(NEW, IPartyRegistry.PartyState.Suspended, false, true, true);
        registry.reinstate(NEW);
        _expectParty(NEW, IPartyRegistry.Role.Optician, IPartyRegistry.PartyState.Active);
    }

    function testARevokedPartyIsRevokedForGood() public {
        registry.suspend(NEW);
        registry.revoke(NEW);
        _expectParty(NEW, IPartyRegistry.Role.Optician, IPartyRegistry.PartyState.Revoked);
        _refuseStates(NEW, IPartyRegistry.PartyState.Revoked, false, false, false);
    }

    function testEachChangeOfAPartyIsLoggedOnce() public {
        vm.recordLogs();
        registry.suspend(NEW);
        registry.reinstate(NEW);
        registry.revoke(NEW);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 3, "three logs");
        uint8[3] memory states = [2, 1, 3];
        for (uint256 i = 0; i < 3; i++) {
            equal(logs[i].topics[0], IPartyRegistry.PartyStateChanged.selector, "event");
            equal(logs[i].topics[1], bytes32(uint256(NEW)), "party");
            equal(keccak256(logs[i].data), keccak256(abi.encode(states[i])), "state");
        }
    }

    function _refuseAdmission(uint32 party, IPartyRegistry.Role role) private {
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistryCannotAdmit.selector, party, role));
        registry.admit(party, role);
    }

    /// @dev Try the changes that are not `legal` here; each reverts and names `state`.
    function _refuseStates(uint32 party, IPartyRegistry.PartyState state, bool suspend, bool reinstate, bool revoke)
        private
    {
        bytes memory reason =
            abi.encodeWithSelector(IPartyRegistry.PartyRegistryWrongPartyState.selector, party, state);
        if (!suspend) {
            vm.expectRevert(reason);
            registry.suspend(party);
        }
        if (!reinstate) {
            vm.expectRevert(reason);
            registry.reinstate(party);
        }
        if (!revoke) {
            vm.expectRevert(reason);
            registry.revoke(party);
            vm.expectRevert(reason);
            registry.addKey(party, KEY, 0);
        }
    }

    function _expectParty(uint32 party, IPartyRegistry.Role role, IPartyRegistry.PartyState state) private view {
        (IPartyRegistry.Role seenRole, IPartyRegistry.PartyState seenState) = registry.partyOf(party);
        equal(uint8(seenRole), uint8(role), "role");
        equal(uint8(seenState), uint8(state), "state");
    }
}
