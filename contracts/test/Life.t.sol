// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEquipmentLedger} from "../interfaces/IEquipmentLedger.sol";
import {Relay} from "./support/Relay.sol";

/// @dev The life of a dossier of two lenses and a frame, with nothing wrong.
contract LifeTest is Relay {
    function testAWholeSaleIsRecordedWithoutAMismatch() public {
        playSale();

        equal(ledger.count(), 16, "ledger-wide number");
        equal(ledger.countOf(OPTICIAN), 11, "optician's number");
        equal(ledger.countOf(GLASSMAKER), 4, "glassmaker's number");
        equal(ledger.countOf(INSURER), 1, "insurer's number");
        bytes16[3] memory items = [LEFT, RIGHT, FRAME];
        for (uint256 i = 0; i < 3; i++) {
            (uint256 state, bytes32 roots) = ledger.itemOf(items[i]);
            equal((state >> 32) & 0xFFFFFFFFFFFF, 0, "no mismatch, no justification, no flag");
            equal(roots, keccak256(abi.encode(tableOf(items[i]))), "hash of the table of roots");
        }
        equal(uint32(stateOf(LEFT)), 0x1FE, "all eight kinds of a lens");
        equal(uint32(stateOf(FRAME)), 0x1C2, "quoted, delivered, invoiced, verified of a frame");
        equal(uint32(stateOf(LEFT) >> 80), 8, "steps of a lens");
        equal(uint32(stateOf(LEFT) >> 112), GLASSMAKER, "glassmaker of a lens");
        equal(uint96(stateOf(LEFT) >> 144), uint96(uint128(DOSSIER)), "dossier of a lens");
        equal(uint32(ledger.dossierOf(DOSSIER)), 0x182, "kinds of the dossier");
        equal(uint16(ledger.dossierOf(DOSSIER) >> 32), 3, "items quoted");
        equal(uint16(ledger.dossierOf(DOSSIER) >> 48), 3, "items invoiced");
        equal(uint16(ledger.dossierOf(DOSSIER) >> 64), 0xE, "whole; invoice and verification of occurrence 0");
        equal(uint32(ledger.dossierOf(DOSSIER) >> 80), 5, "steps of the dossier");
        equal(uint32(ledger.dossierOf(DOSSIER) >> 112), INSURER, "first insurer");
    }

    function playSale() internal {
        record(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(RIGHT, DOSSIER, GLASSMAKER));
        record(OPTICIAN, quoted(FRAME, DOSSIER, 0));
        bytes16[2] memory lenses = [LEFT, RIGHT];
        for (uint256 i = 0; i < 2; i++) {
            record(OPTICIAN, ordered(lenses[i]));
            record(GLASSMAKER, manufactured(lenses[i]));
            record(GLASSMAKER, shipped(lenses[i]));
            record(OPTICIAN, received(lenses[i]));
            record(OPTICIAN, delivered(lenses[i]));
        }
        record(OPTICIAN, delivered(FRAME));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT, RIGHT, FRAME)));
        record(INSURER, verified(DOSSIER, some(LEFT, RIGHT, FRAME)));
    }
}
