// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {EquipmentLedger} from "../../EquipmentLedger.sol";
import {PartyRegistry} from "../../PartyRegistry.sol";
import {RareSteps} from "../../RareSteps.sol";
import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {ISteps} from "../../interfaces/ISteps.sol";
import {Vm} from "../support/Vm.sol";

/// @dev What these proofs use of halmos' own cheat codes.
interface Svm {
    function createCalldata(string calldata name) external returns (bytes memory data);
}

/// @dev A register that says the same of every key.
contract OneKey {
    IPartyRegistry.Authority private _key;

    function put(IPartyRegistry.Authority calldata key) external {
        _key = key;
    }

    function authorityOf(address) external view returns (IPartyRegistry.Authority memory) {
        return _key;
    }
}

/// @title Nobody but the council changes the register of parties, or the ledger itself
/// @dev Registry, ledger, proxies and access manager are the ones that are deployed, and the council its only administrator.
contract CouncilProofs {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    Svm private constant svm = Svm(0xF3993A62377BCd56AE39D773740A5390411E8BC9);
    address private constant _COUNCIL = address(0xC0C0);

    AccessManager private _manager;
    PartyRegistry private _registry;
    OneKey private _oneKey;
    EquipmentLedger private _ledger;
    address private _later;

    function setUp() public {
        _manager = new AccessManager(_COUNCIL);
        bytes memory call = abi.encodeCall(PartyRegistry.initialize, (address(_manager)));
        _registry = PartyRegistry(address(new ERC1967Proxy(address(new PartyRegistry()), call)));
        _fill();
        _oneKey = new OneKey();
        call = abi.encodeCall(EquipmentLedger.initialize, (address(_manager), address(_oneKey)));
        _later = address(new EquipmentLedger(address(new RareSteps())));
        _ledger = EquipmentLedger(address(new ERC1967Proxy(_later, call)));
    }

    /// @dev There is something to change: a party with two keys, of which one is retired, and one that is suspended.
    function _fill() private {
        vm.startPrank(_COUNCIL);
        _registry.admit(1, IPartyRegistry.Role.Optician);
        _registry.addKey(1, address(0xA1), 0);
        _registry.addKey(1, address(0xA2), 0);
        _registry.retireKey(address(0xA2));
        _registry.admit(2, IPartyRegistry.Role.Insurer);
        _registry.suspend(2);
        vm.stopPrank();
    }

    /// @dev Whoever else calls whatever it has that is no question, with any arguments, fails. A text of one letter is one
    /// that every function would take.
    /// @custom:halmos --default-bytes-lengths 0,1,65
    function check_whateverAStrangerCallsFails(address stranger) public {
        if (stranger == _COUNCIL || stranger == address(_manager)) return;
        bytes memory data = svm.createCalldata("PartyRegistry");
        vm.prank(stranger);
        (bool done,) = address(_registry).call(data);
        assert(!done);
    }

    /// @dev Nor does anybody else pause the ledger, upgrade it, or put it under another authority or register.
    function check_aStrangerNeitherPausesNorUpgradesTheLedger(address stranger, uint8 what, uint40 until, address other)
        public
    {
        if (stranger == _COUNCIL || stranger == address(_manager)) return;
        bytes memory data = abi.encodeCall(EquipmentLedger.pause, (until));
        if (what == 1) data = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (_later, ""));
        if (what == 2) data = abi.encodeCall(IAccessManaged.setAuthority, (other));
        if (what == 3) data = abi.encodeCall(EquipmentLedger.initialize, (other, other));
        vm.prank(stranger);
        (bool done,) = address(_ledger).call(data);
        assert(!done);
    }

    /// @dev A list counts only under a key that is good and its party's own, as the register says at that moment.
    function check_aListUnderNoGoodKeyChangesNothing(
        IPartyRegistry.Authority memory key,
        uint32 party,
        uint40 deadline,
        address signer,
        bytes32 head,
        bytes32 r,
        bytes32 s,
        uint8 v
    ) public {
        bool isGood = key.keyState == IPartyRegistry.KeyState.Active || key.keyState == IPartyRegistry.KeyState.Retired;
        if (isGood && key.party == party && key.partyState != IPartyRegistry.PartyState.Revoked) return;
        ISteps.SignedList[] memory lists = new ISteps.SignedList[](1);
        ISteps.Step[] memory steps = new ISteps.Step[](1);
        steps[0] = ISteps.Step(head, new bytes32[](0), new bytes32[](0));
        lists[0] = ISteps.SignedList(party, deadline, signer, steps, abi.encodePacked(r, s, v));
        _oneKey.put(key);
        bytes[] memory outcomes = _ledger.submit(lists);
        ISteps.Outcome outcome = ISteps.Outcome(uint8(outcomes[0][0]));
        bool isOfItsTime = outcome == ISteps.Outcome.Expired || outcome == ISteps.Outcome.DeadlineTooFar;
        assert(outcome == ISteps.Outcome.KeyNotGood || isOfItsTime);
        assert(_ledger.count() == 0);
    }

    /// @dev The council is not shut out: a party that it admits is there.
    function check_theCouncilAdmits(uint32 party) public {
        if (party < 3) return;
        vm.prank(_COUNCIL);
        _registry.admit(party, IPartyRegistry.Role.Insurer);
        (, IPartyRegistry.PartyState state) = _registry.partyOf(party);
        assert(state == IPartyRegistry.PartyState.Active);
    }
}
