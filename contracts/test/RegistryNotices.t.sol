// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Governed} from "./support/Governed.sol";
import {Vm} from "./support/Vm.sol";

/// @dev What the council lets everybody know: outages, and roots of mapping tables. It is logged, and nothing is kept.
contract RegistryNoticesTest is Governed {
    bytes32 private constant ROOT = keccak256("table");
    uint40 private constant LONGEST = 60 days;

    function testOnlyTheManagerDeclaresAndPublishes() public {
        bytes memory reason =
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xBEEF));
        vm.prank(address(0xBEEF));
        vm.expectRevert(reason);
        registry.declareOutage(uint40(NOW - 2), uint40(NOW - 1));
        vm.prank(address(0xBEEF));
        vm.expectRevert(reason);
        registry.publishTable(ROOT, "list/3");
    }

    function testAnOutageEndsAfterItBeganAndNotAheadOfTheBlock() public {
        registry.declareOutage(uint40(NOW - 1), uint40(NOW));
        _refuseOutage(uint40(NOW), uint40(NOW));
        _refuseOutage(uint40(NOW), uint40(NOW - 1));
        _refuseOutage(uint40(NOW), uint40(NOW + 1));
        _refuseOutage(type(uint40).max - 1, type(uint40).max);
    }

    function testAnOutageLastsSixtyDaysAtMost() public {
        equal(registry.MAX_OUTAGE(), LONGEST, "seconds");
        registry.declareOutage(uint40(NOW - LONGEST), uint40(NOW));
        _refuseOutage(uint40(NOW - LONGEST - 1), uint40(NOW));
        _refuseOutage(0, uint40(NOW));
    }

    function testFuzzAnOutageIsTakenExactlyWithinItsBounds(uint40 from, uint40 to) public {
        if (from < to && to <= NOW && to - from <= LONGEST) registry.declareOutage(from, to);
        else _refuseOutage(from, to);
    }

    function testATableHasARootAndAShortVisibleName() public {
        equal(registry.MAX_TABLE_NAME(), 31, "bytes");
        registry.publishTable(ROOT, "aaaaaaaaaaaaaaaaaaaaaaaa/111111");
        _refuseTable(ROOT, "aaaaaaaaaaaaaaaaaaaaaaaaa/111111");
        _refuseTable(ROOT, "");
        _refuseTable(ROOT, "list 3");
        _refuseTable(ROOT, hex"00");
        _refuseTable(ROOT, unicode"liste-é/3");
        _refuseTable(0, "list/3");
    }

    function testBothAreLoggedAsGiven() public {
        vm.recordLogs();
        registry.declareOutage(uint40(NOW - 9), uint40(NOW - 3));
        registry.publishTable(ROOT, "list/3");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 2, "two logs");
        equal(logs[0].topics[0], IPartyRegistry.OutageDeclared.selector, "event of the outage");
        equal(keccak256(logs[0].data), keccak256(abi.encode(NOW - 9, NOW - 3)), "moments");
        equal(logs[1].topics[0], IPartyRegistry.TablePublished.selector, "event of the table");
        equal(logs[1].topics[1], ROOT, "root");
        equal(keccak256(logs[1].data), keccak256(abi.encode("list/3")), "name");
    }

    function _refuseOutage(uint40 from, uint40 to) private {
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistryBadOutage.selector, from, to));
        registry.declareOutage(from, to);
    }

    function _refuseTable(bytes32 root, string memory name) private {
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistryBadTable.selector, root));
        registry.publishTable(root, name);
    }
}
