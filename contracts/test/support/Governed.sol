// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {EquipmentLedger} from "../../EquipmentLedger.sol";
import {RareSteps} from "../../RareSteps.sol";
import {PartyRegistry} from "../../PartyRegistry.sol";
import {IPartyRegistry} from "../../interfaces/IPartyRegistry.sol";
import {Test} from "./Test.sol";

/// @dev Registry and ledger behind proxies, under an access manager whose administrator is this test; and parties of
/// every role, with a key each. Numbers of parties are arbitrary, as in the field.
abstract contract Governed is Test {
    uint256 internal constant NOW = 1_800_000_000;

    uint32 internal constant OPTICIAN = 0x0A11CE01;
    uint32 internal constant OTHER_OPTICIAN = 0x0A11CE02;
    uint32 internal constant GLASSMAKER = 0x61A55001;
    uint32 internal constant OTHER_GLASSMAKER = 0x61A55002;
    uint32 internal constant INSURER = 0x1A500001;
    uint32 internal constant OTHER_INSURER = 0x1A500002;
    uint32 internal constant THIRD_INSURER = 0x1A500003;
    uint32 internal constant AUDITOR = 0xAD170001;
    uint32 internal constant OPERATOR = 0x09E7A701;
    uint32 internal constant NOBODY = 0xDEADBEEF;

    AccessManager internal manager;
    PartyRegistry internal registry;
    RareSteps internal rare;
    EquipmentLedger internal ledger;

    function setUp() public virtual {
        vm.warp(NOW);
        manager = new AccessManager(address(this));
        registry = PartyRegistry(
            address(
                new ERC1967Proxy(
                    address(new PartyRegistry()), abi.encodeCall(PartyRegistry.initialize, (address(manager)))
                )
            )
        );
        rare = new RareSteps();
        ledger = EquipmentLedger(
            address(
                new ERC1967Proxy(
                    address(new EquipmentLedger(address(rare))),
                    abi.encodeCall(EquipmentLedger.initialize, (address(manager), address(registry)))
                )
            )
        );
        admit(OPTICIAN, IPartyRegistry.Role.Optician);
        admit(OTHER_OPTICIAN, IPartyRegistry.Role.Optician);
        admit(GLASSMAKER, IPartyRegistry.Role.Glassmaker);
        admit(OTHER_GLASSMAKER, IPartyRegistry.Role.Glassmaker);
        admit(INSURER, IPartyRegistry.Role.Insurer);
        admit(OTHER_INSURER, IPartyRegistry.Role.Insurer);
        admit(THIRD_INSURER, IPartyRegistry.Role.Insurer);
        admit(AUDITOR, IPartyRegistry.Role.Auditor);
        admit(OPERATOR, IPartyRegistry.Role.Operator);
    }

    /// @dev The private key of a party in these tests.
    function keyOf(uint32 party) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("key of party", party))) >> 1;
    }

    function signerOf(uint32 party) internal pure returns (address) {
        return vm.addr(keyOf(party));
    }

    function admit(uint32 party, IPartyRegistry.Role role) internal {
        registry.admit(party, role);
        registry.addKey(party, signerOf(party), 0);
    }
}
