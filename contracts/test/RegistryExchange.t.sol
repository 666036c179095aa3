// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {Governed} from "./support/Governed.sol";
import {Vm} from "./support/Vm.sol";

contract RegistryExchangeTest is Governed {
    bytes32 private constant SIGNING = keccak256("signing");
    bytes32 private constant ENCRYPTION = keccak256("encryption");
    string private constant GATEWAY = "https://gateway.example/optitrace";

    function testAPartyHasNeitherExchangeKeysNorGatewayAtFirst() public view {
        _expect(OPTICIAN, 0, 0, "");
    }

    function testKeysAndGatewayAreShownAndChangeApart() public {
        registry.setExchangeKeys(OPTICIAN, SIGNING, ENCRYPTION);
        _expect(OPTICIAN, SIGNING, ENCRYPTION, "");
        registry.setGateway(OPTICIAN, GATEWAY);
        registry.setExchangeKeys(OPTICIAN, ENCRYPTION, SIGNING);
        _expect(OPTICIAN, ENCRYPTION, SIGNING, GATEWAY);
        registry.setExchangeKeys(OPTICIAN, 0, 0);
        _expect(OPTICIAN, 0, 0, GATEWAY);
        registry.setGateway(OPTICIAN, "");
        _expect(OPTICIAN, 0, 0, "");
        _expect(INSURER, 0, 0, "");
    }

    function testExchangeKeysHaveNoAuthorityOnTheLedger() public {
        registry.setExchangeKeys(OPTICIAN, bytes32(uint256(uint160(address(0xBEEF)))), ENCRYPTION);
        equal(registry.authorityOf(address(0xBEEF)).party, 0, "party");
    }

    function testOneKeyAloneOrTheSameTwiceIsRefused() public {
        _refuseKeys(SIGNING, 0);
        _refuseKeys(0, ENCRYPTION);
        _refuseKeys(SIGNING, SIGNING);
        _expect(OPTICIAN, 0, 0, "");
    }

    function testAnAddressHasAtMostTwoHundredVisibleBytes() public {
        equal(registry.MAX_GATEWAY(), 200, "bytes");
        registry.setGateway(OPTICIAN, string(_filled(200, "a")));
        _refuseGateway(_filled(201, "a"));
        _refuseGateway("https://gateway example");
        _refuseGateway(hex"00");
        _refuseGateway(hex"7f");
        _refuseGateway(unicode"https://gâteau.example");
        _expect(OPTICIAN, 0, 0, string(_filled(200, "a")));
    }

    function testTheAlphabetOfAnAddressIsVisibleAscii() public {
        for (uint256 i = 0; i < 256; i++) {
            bytes memory text = _filled(3, bytes1(uint8(i)));
            if (i < 0x21 || i > 0x7e) _refuseGateway(text);
            else registry.setGateway(OPTICIAN, string(text));
        }
    }

    function testAPartyThatIsUnknownOrRevokedExchangesNothingAndASuspendedOneMay() public {
        _refuseParty(NOBODY, IPartyRegistry.PartyState.Unknown);
        registry.suspend(OPTICIAN);
        registry.setExchangeKeys(OPTICIAN, SIGNING, ENCRYPTION);
        registry.setGateway(OPTICIAN, GATEWAY);
        registry.revoke(OPTICIAN);
        _refuseParty(OPTICIAN, IPartyRegistry.PartyState.Revoked);
        _expect(OPTICIAN, SIGNING, ENCRYPTION, GATEWAY);
    }

    function testEachChangeIsLoggedWithItsParty() public {
        vm.recordLogs();
        registry.setExchangeKeys(OPTICIAN, SIGNING, ENCRYPTION);
        registry.setGateway(OPTICIAN, GATEWAY);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        equal(logs.length, 2, "two logs");
        equal(logs[0].topics[0], IPartyRegistry.ExchangeKeysChanged.selector, "event of the keys");
        equal(logs[1].topics[0], IPartyRegistry.GatewayChanged.selector, "event of the gateway");
        for (uint256 i = 0; i < 2; i++) {
            equal(logs[i].topics[1], bytes32(uint256(OPTICIAN)), "party");
        }
        equal(keccak256(logs[0].data), keccak256(abi.encode(SIGNING, ENCRYPTION)), "keys");
        equal(keccak256(logs[1].data), keccak256(abi.encode(GATEWAY)), "gateway");
    }

    function _refuseKeys(bytes32 signing, bytes32 encryption) private {
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistryBadExchangeKeys.selector, OPTICIAN));
        registry.setExchangeKeys(OPTICIAN, signing, encryption);
    }

    function _refuseGateway(bytes memory text) private {
        vm.expectRevert(abi.encodeWithSelector(IPartyRegistry.PartyRegistryBadGateway.selector, OPTICIAN));
        registry.setGateway(OPTICIAN, string(text));
    }

    function _refuseParty(uint32 party, IPartyRegistry.PartyState state) private {
        bytes memory reason = abi.encodeWithSelector(IPartyRegistry.PartyRegistryWrongPartyState.selector, party, state);
        vm.expectRevert(reason);
        registry.setExchangeKeys(party, ENCRYPTION, SIGNING);
        vm.expectRevert(reason);
        registry.setGateway(party, "");
    }

    function _filled(uint256 length, bytes1 letter) private pure returns (bytes memory text) {
        text = new bytes(length);
        for (uint256 i = 0; i < length; i++) {
            text[i] = letter;
        }
    }

    function _expect(uint32 party, bytes32 signing, bytes32 encryption, string memory gateway) private view {
        (bytes32 seenSigning, bytes32 seenEncryption, string memory seenGateway) = registry.exchangeOf(party);
        equal(seenSigning, signing, "signing key");
        equal(seenEncryption, encryption, "encryption key");
        equal(keccak256(bytes(seenGateway)), keccak256(bytes(gateway)), "gateway");
    }
}
