// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Relay} from "./support/Relay.sol";

/// @dev The life of a dossier of two lenses and a frame, with nothing wrong.
contract LifeTest is Relay {
    function testAWholeSaleIsRecordedWithoutAMismatch() public {
        playSale();

        equal(ledger.count(), 16, "the ledger's number");
        expectState(LEFT, 0xFE, 1, 0, 0);
        expectState(RIGHT, 0xFE, 1, 0, 0);
        expectState(FRAME, (1 << 1) | (1 << 6) | (1 << 7), 1, 0, 0);
        uint256 dossier = ledger.dossierOf(DOSSIER);
        equal(uint32(dossier), (1 << 1) | (1 << 7) | (1 << 8), "kinds of the dossier");
        equal(uint16(dossier >> 32), 3, "items quoted");
        equal(uint16(dossier >> 48), 0, "items open");
        equal(uint8(dossier >> 64), 1, "invoices recorded");
        equal(uint8(dossier >> 72), 1, "invoices that stand and are whole");
        equal(uint8(dossier >> 80), 1, "the first insurer's check");
        equal(uint8(dossier >> 88), 0, "breakages");
        equal(uint32(dossier >> 96), INSURER, "first insurer");
        equal(uint32(dossier >> 128), 0, "second insurer");
        equal(uint40(dossier >> 160), NOW, "earliest check");
        equal(dossier >> 200, 0, "nothing else");
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
        record(OPTICIAN, deliveredFrame(FRAME));
        record(OPTICIAN, invoiced(DOSSIER, some(LEFT, RIGHT, FRAME)));
        record(INSURER, verified(DOSSIER));
    }
}
