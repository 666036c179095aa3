// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../../interfaces/ISteps.sol";
import {Relay} from "./Relay.sol";

/// @dev A well-formed step of every kind, and who signs it. Items LEFT and, where two are needed, NEXT.
abstract contract Examples is Relay {
    function example(uint8 kind) internal view returns (ISteps.Step memory step) {
        if (kind == 1) return quoted(LEFT, DOSSIER, GLASSMAKER);
        if (kind == 2) return ordered(LEFT);
        if (kind == 3) return manufactured(LEFT);
        if (kind == 6) return delivered(LEFT);
        if (kind == 7) return invoiced(DOSSIER, some(LEFT));
        if (kind == 8) return verified(DOSSIER);
        if (kind == 11) return drawn(LEFT, 0);
        if (kind == 12) return substituted(LEFT);
        if (kind == 13) return cancelled(LEFT);
        if (kind == 17) return credited(LEFT);
        if (kind == 18) return exchanged(NEXT, LEFT);
        if (kind == 19) return incorrect(LEFT, 0, 2, root(LEFT, "product", 1));
        if (kind == 28) return withdrawn(DOSSIER, 0, some(LEFT));
        if (kind == 30) return lotShipped(OPTICIAN);
        if (kind == 31) return lotTransferred(OTHER_OPTICIAN);
        if (kind < 17) return plain(kind, LEFT, kind > 13 ? 1 << 64 : 0);
        return kind == 20 ? plain(20, LEFT, 0) : exampleOfClaim(kind);
    }

    function exampleOfClaim(uint8 kind) internal view returns (ISteps.Step memory step) {
        if (kind == 21) return plain(21, DOSSIER, (1 << 64) | (1 << 56));
        if (kind == 22) return said(22, DOSSIER, (uint72(INSURER) << 40) | (21 << 24), keccak256("answer"));
        if (kind == 23) return said(23, DOSSIER, uint72(INSURER) << 40, keccak256("request"));
        if (kind == 24) return said(24, DOSSIER, 1 << 64, keccak256("answer"));
        if (kind == 25) return plain(25, DOSSIER, 0);
        if (kind == 26) return said(26, DOSSIER, 0, id(OTHER_DOSSIER));
        if (kind == 27) return said(27, DOSSIER, 0, keccak256("statement"));
        return said(29, DOSSIER, 1 << 64, id(LEFT));
    }

    /// @dev Who signs the example.
    function signerOfExample(uint8 kind) internal pure returns (uint32) {
        if (kind == 3 || kind == 4 || kind == 9 || kind == 17 || kind == 30) return GLASSMAKER;
        return kind == 8 || kind == 21 || kind == 24 || kind == 29 ? INSURER : OPTICIAN;
    }
}
