// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Examples} from "./support/Examples.sol";

/// @dev Where everything stands in the ledger's storage. An upgrade that moves a slot would read another one's content:
/// such a change fails here. New storage is appended, and gets a line.
contract StorageTest is Examples {
    bytes32 private constant INITIALIZABLE = 0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00;
    bytes32 private constant ACCESS_MANAGED = 0xf3177357ab46d8af007ab3fdb9af81da189e1068fefdc0073dca88a2cab40a00;

    function setUp() public override {
        super.setUp();
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT)));
        record(OPTICIAN, replacing(NEXT, DOSSIER, GLASSMAKER, LEFT));
    }

    function testCountAndPauseShareTheFirstSlotAndTheRegistryHasTheNext() public {
        ledger.pause(uint40(NOW + 1 days));
        equal(_at(0), bytes32(uint256(3) | ((NOW + 1 days) << 64)), "count (64 bits), paused until (40)");
        equal(_at(1), bytes32(uint256(uint160(address(registry)))), "registry");
    }

    function testAnItemStandsInTheThirdSlotsMapping() public {
        record(OPTICIAN, exchanged(NEXT, LEFT));
        record(OPTICIAN, substituted(NEXT));
        uint256 item = uint256(_key(id(NEXT), 2));
        equal(_at(item), bytes32(stateOf(NEXT)), "state");
        equal(_at(item + 1), bytes32(exceptionsOf(NEXT)), "exceptions");
        equal(_at(item + 2), bytes32(uint256(uint128(DOSSIER)) | (uint256(uint128(LEFT)) << 128)), "dossier and first");
        equal(_at(item + 3), bytes32(uint256(uint128(LEFT))), "replaced");
        equal(_at(item + 4), 0, "nothing else");
    }

    function testADossierStandsInTheFourth() public view {
        equal(_at(uint256(_key(id(DOSSIER), 3))), bytes32(ledger.dossierOf(DOSSIER)), "state");
        check(ledger.dossierOf(DOSSIER) != 0, "there is one");
    }

    function testANullifierStandsInTheFifth() public {
        record(GLASSMAKER, manufactured(LEFT));
        ISteps.Step memory step = delivered(NEXT);
        step.words[1] = root(LEFT, "nullifier", 1);
        record(OPTICIAN, step);
        uint256 slot = uint256(_key(root(LEFT, "nullifier", 1), 4));
        equal(_at(slot), bytes32(uint256(uint128(LEFT)) | (uint256(uint128(NEXT)) << 128)), "bound and shown");
    }

    function testAnIdentityStandsInTheSixthAndTheInsurerOfARequestInTheNinth() public {
        record(OPTICIAN, nth(example(23), 5));
        bytes32 identity = keccak256(abi.encode(DOSSIER, uint8(23), OPTICIAN, uint8(5)));
        equal(_at(uint256(_key(identity, 5))), bytes32(uint256(1)), "recorded");
        equal(_at(uint256(_key(identity, 8))), bytes32(uint256(INSURER)), "the insurer asked");
    }

    function testASubstitutionStandsInTheSeventh() public {
        record(OPTICIAN, substituted(LEFT));
        record(GLASSMAKER, substituted(LEFT));
        uint256 slot = uint256(_key(id(LEFT), 6));
        bytes32 both = keccak256(abi.encode(uint72(0x010100), substituted(LEFT).words));
        equal(_at(slot), both, "what the optician said");
        equal(_at(slot + 1), both, "what the glassmaker said");
        equal(_at(slot + 2), substituted(LEFT).head, "head");
        equal(_at(slot + 3), root(LEFT, "product", 2), "product");
        equal(_at(slot + 4), root(LEFT, "supplements", 2), "supplements");
    }

    function testADeclarationStandsInTheEighthByItemAndComparison() public {
        record(OPTICIAN, incorrect(LEFT, 9, 7, root(LEFT, "price", 1)));
        record(GLASSMAKER, incorrect(LEFT, 4, 3, root(LEFT, "correction", 1)));
        uint256 slot = uint256(_key(bytes32(uint256(9)), uint256(_key(id(LEFT), 7))));
        bytes32[] memory words = incorrect(LEFT, 9, 7, root(LEFT, "price", 1)).words;
        equal(_at(slot), keccak256(abi.encode((uint72(7) << 64) | (2 << 56), words)), "what the optician said");
        equal(_at(slot + 1), 0, "the glassmaker said nothing");
        equal(_at(slot + 2), root(LEFT, "price", 1), "corrected root");
        equal(_at(slot + 3), bytes32(NOW | (7 << 40)), "claimed time, kind in error");
        slot = uint256(_key(bytes32(uint256(4)), uint256(_key(id(LEFT), 7))));
        words = incorrect(LEFT, 4, 3, root(LEFT, "correction", 1)).words;
        equal(_at(slot + 1), keccak256(abi.encode((uint72(3) << 64) | (2 << 56), words)), "what the glassmaker said");
    }

    function testALotStandsInTheTenthAndItsTransfersInTheEleventh() public {
        record(GLASSMAKER, lotShipped(OPTICIAN));
        record(OPTICIAN, lotTransferred(OTHER_OPTICIAN));
        uint256 slot = uint256(_key(id(LOT), 9));
        equal(_at(slot), bytes32(uint256(GLASSMAKER) | (uint256(OPTICIAN) << 32)), "glassmaker and buyer");
        equal(_at(slot + 1), rootOfLot(), "root of its units");
        slot = uint256(_key(bytes32(uint256(OTHER_OPTICIAN)), uint256(_key(id(LOT), 10))));
        equal(_at(slot), bytes32(uint256(1)), "given");
        record(OTHER_OPTICIAN, lotTransferred(OTHER_OPTICIAN));
        equal(_at(slot), bytes32(uint256(3)), "given and taken");
    }

    function testWhatComesFromElsewhereKeepsToItsNamespaces() public view {
        equal(_at(uint256(INITIALIZABLE)), bytes32(uint256(1)), "initialised once");
        equal(_at(uint256(ACCESS_MANAGED)), bytes32(uint256(uint160(address(manager)))), "authority");
        for (uint256 slot = 2; slot < 40; slot++) {
            equal(_at(slot), 0, "mappings, then nothing");
        }
    }

    function _at(uint256 slot) private view returns (bytes32) {
        return vm.load(address(ledger), bytes32(slot));
    }

    function _key(bytes32 key, uint256 slot) private pure returns (bytes32) {
        return keccak256(abi.encode(key, slot));
    }
}
