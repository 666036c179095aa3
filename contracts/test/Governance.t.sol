// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {EquipmentLedger} from "../EquipmentLedger.sol";
import {RareSteps} from "../RareSteps.sol";
import {PartyRegistry} from "../PartyRegistry.sol";
import {IEquipmentLedger} from "../interfaces/IEquipmentLedger.sol";
import {Relay} from "./support/Relay.sol";
import {Vm} from "./support/Vm.sol";

/// @dev A later ledger: the same, and one thing more.
contract LaterLedger is EquipmentLedger {
    constructor(address rare) EquipmentLedger(rare) {}

    function edition() external pure returns (uint256) {
        return 2;
    }
}

/// @dev Pausing, initialising and upgrading.
contract GovernanceTest is Relay {
    bytes32 private constant IMPLEMENTATION = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    function testOnlyTheManagerPausesAndUpgradesTheLedger() public {
        address later = address(new LaterLedger(address(new RareSteps())));
        _refuseToStranger(abi.encodeCall(ledger.pause, (uint40(NOW + 1))));
        _refuseToStranger(abi.encodeCall(ledger.pause, (0)));
        _refuseToStranger(abi.encodeCall(ledger.upgradeToAndCall, (later, "")));
        _refuseToStranger(abi.encodeCall(ledger.setAuthority, (later)));
        equal(ledger.authority(), address(manager), "authority");
    }

    function testAPauseLastsThirtyDaysAtMost() public {
        uint40 tooLong = uint40(NOW + 30 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IEquipmentLedger.EquipmentLedgerPauseTooLong.selector, tooLong));
        ledger.pause(tooLong);

        vm.recordLogs();
        ledger.pause(tooLong - 1);
        ledger.pause(0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 2, "two logs");
        equal(logs[0].topics[0], IEquipmentLedger.PausedUntil.selector, "event");
        equal(keccak256(logs[0].data), keccak256(abi.encode(tooLong - 1)), "until");
        equal(keccak256(logs[1].data), keccak256(abi.encode(0)), "no longer");
    }

    function testAPauseLeavesCountsAndStatesReadable() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        bytes32 before = snapshot();
        ledger.pause(uint40(NOW + 1 days));
        equal(snapshot(), before, "as before");
        equal(ledger.count(), 1, "count shares a slot with the pause");
        ledger.pause(0);
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        equal(ledger.count(), 2, "numbers go on");
    }

    function testNobodyInitialisesTheImplementations() public {
        EquipmentLedger bareLedger = new EquipmentLedger(address(new RareSteps()));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        bareLedger.initialize(address(manager), address(registry));
        PartyRegistry bareRegistry = new PartyRegistry();
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        bareRegistry.initialize(address(manager));
        equal(bareLedger.authority(), address(0), "no authority");
    }

    function testNobodyInitialisesTheProxiesAgain() public {
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        ledger.initialize(address(this), address(registry));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        registry.initialize(address(this));
        equal(ledger.registry(), address(registry), "registry");
    }

    function testAnUpgradeKeepsStateAndVoidsNoSignature() public {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        ISteps.SignedList memory queued = listOf(OPTICIAN, ordered(LEFT));
        bytes32 before = snapshot();

        LaterLedger later = new LaterLedger(address(new RareSteps()));
        ledger.upgradeToAndCall(address(later), "");
        equal(LaterLedger(address(ledger)).edition(), 2, "the later ledger answers");
        equal(vm.load(address(ledger), IMPLEMENTATION), bytes32(uint256(uint160(address(later)))), "ERC-1967 slot");
        equal(snapshot(), before, "state");
        equal(ledger.registry(), address(registry), "registry");
        equal(ledger.authority(), address(manager), "authority");
        equal(uint8(relay(queued)[0]), 0, "what was queued is recorded");
    }

    function testAnUpgradeOfTheRegistryKeepsPartiesAndKeys() public {
        registry.upgradeToAndCall(address(new PartyRegistry()), "");
        equal(registry.authorityOf(signerOf(OPTICIAN)).party, OPTICIAN, "the optician's key");
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
    }

    function testAnUpgradeToSomethingElseIsRefused() public {
        vm.expectRevert();
        ledger.upgradeToAndCall(address(manager), "");
        vm.expectRevert();
        ledger.upgradeToAndCall(address(0x1234), "");
        equal(ledger.count(), 0, "the ledger still answers");
    }

    function _refuseToStranger(bytes memory call) private {
        address stranger = signerOf(OPTICIAN);
        vm.prank(stranger);
        (bool done, bytes memory reason) = address(ledger).call(call);
        check(!done, "a stranger governed the ledger");
        equal(
            keccak256(reason),
            keccak256(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)),
            "the reason is authority"
        );
    }
}
