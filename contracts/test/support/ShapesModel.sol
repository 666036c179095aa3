// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev The table of words and details of the manual, said once more and in another way: a character for each byte of a
/// detail and for each word. It judges a shape by reading those, and shares nothing with the ledger's own rules.
///
/// Bytes: `0`, `1` that value; `.` any; `v` not zero; `b` 0 or 1; `3`, `4`, `7` one to that; `i` 0 to 7; `n` the first
/// of four that are not all zero; `k` 21 or 29; `h` below 32; `e` even. Words: `d` an identifier; `r` a root; `*` 0 to 32 of any kind; `+` 1 to 16
/// distinct identifiers; `L` 1 to 16 lines of an invoice.
library ShapesModel {
    function isWellFormed(bytes32 head, bytes32[] memory words) internal pure returns (bool) {
        uint8 kind = uint8(head[0]);
        if (kind == 0 || kind > 31 || bytes16(head << 56) == 0) return false;
        if (uint8(head[1]) > lastOccurrence(kind)) return false;
        (string memory detail, string memory shape, string memory other) = table(kind);
        bytes memory said = abi.encodePacked(bytes9(head << 184));
        if (kind == 1 && words.length == 2) return _details(said, "....00000") && _words(words, other);
        if (!_details(said, detail)) return false;
        if (kind == 7 && !_areInsurers(uint32(bytes4(bytes9(head << 192))), uint32(uint256(head)))) return false;
        if (kind == 19) return _isError(uint8(head[1]), uint8(said[0])) && _isNature(said, words);
        if (kind == 20 && (uint8(head[1]) == 0) != (said[0] == 0 && said[1] == 0)) return false;
        if (kind == 21 && (uint40(bytes5(bytes9(head << 200))) != 0) != (said[0] == 0x02)) return false;
        if (kind == 26 && words.length == 1 && bytes16(words[0]) == bytes16(head << 56)) return false;
        return _words(words, shape) || _words(words, other);
    }

    function lastOccurrence(uint8 kind) internal pure returns (uint8) {
        if (kind == 7) return 7;
        if (kind == 19) return 12;
        return kind == 8 || (kind > 19 && kind != 30) ? 255 : 0;
    }

    /// @return detail byte by byte
    /// @return words word by word
    /// @return other another row of words, or the same
    function table(uint8 kind) internal pure returns (string memory detail, string memory words, string memory other) {
        if (kind == 1) return ("....00110", "drrrr", "dd");
        if (kind == 2) return ("000000vvv", "rrr", "rrr");
        if (kind == 3) return ("b00000vvv", "rrrrrrr", "rrrrrrr");
        if (kind == 6) return ("000000000", "r", "rr");
        if (kind == 7) return ("b........", "rrL", "rrL");
        if (kind == 8) return ("4.....000", "", "");
        if (kind == 11) return ("....00110", "drrrrrr*", "drrrrrr*");
        if (kind == 12) return ("000000vv0", "rr", "rr");
        if (kind > 12 && kind < 17) return ("v00000000", "", "");
        if (kind == 17) return ("v00000000", "r", "r");
        if (kind == 18) return ("v00000000", "d", "d");
        if (kind == 19) return ("vv0000000", "", "r");
        if (kind == 20) return ("he0000000", "", "");
        if (kind == 21) return ("4v......0", "", "");
        if (kind == 22) return ("n....k000", "r", "r");
        if (kind == 23) return ("n...00000", "r", "r");
        if (kind == 24) return ("3.0000000", "r", "r");
        if (kind == 25) return (".00000000", "", "");
        if (kind == 26) return ("000000000", "d", "d");
        if (kind == 27) return ("000000000", "r", "r");
        if (kind == 28) return ("i00000000", "+", "+");
        if (kind == 29) return ("700000000", "d", "d");
        if (kind == 30) return ("n...00000", "r", "r");
        if (kind == 31) return ("n...00000", "", "");
        return ("000000000", "", "");
    }

    function _details(bytes memory said, string memory pattern) private pure returns (bool) {
        bytes memory wanted = bytes(pattern);
        for (uint256 i = 0; i < 9; i++) {
            uint8 value = uint8(said[i]);
            bytes1 form = wanted[i];
            if (form == "0" && value != 0) return false;
            if (form == "1" && value != 1) return false;
            if (form == "v" && value == 0) return false;
            if (form == "b" && value > 1) return false;
            if (form == "3" && (value == 0 || value > 3)) return false;
            if (form == "4" && (value == 0 || value > 4)) return false;
            if (form == "7" && (value == 0 || value > 7)) return false;
            if (form == "i" && value > 7) return false;
            if (form == "n" && said[i] | said[i + 1] | said[i + 2] | said[i + 3] == 0) return false;
            if (form == "h" && value > 31) return false;
            if (form == "e" && value % 2 != 0) return false;
            if (form == "k" && value != 21 && value != 29) return false;
        }
        return true;
    }

    function _words(bytes32[] memory words, string memory pattern) private pure returns (bool) {
        bytes memory wanted = bytes(pattern);
        uint256 i = 0;
        for (; i < wanted.length; i++) {
            if (wanted[i] == "*") return words.length <= i + 32;
            if (wanted[i] == "+") return _areDistinct(words, 0, 1) && words.length > 0 && words.length < 17;
            if (wanted[i] == "L") return _areLines(words, i);
            if (i >= words.length || words[i] == 0) return false;
            if (wanted[i] == "d" && words[i] << 128 != 0) return false;
        }
        return i == words.length;
    }

    /// @dev Lines of five words from `start` on: item and versions, then roots.
    function _areLines(bytes32[] memory words, uint256 start) private pure returns (bool) {
        uint256 lines = (words.length - start) / 5;
        if (lines == 0 || lines > 16 || words.length != start + 5 * lines) return false;
        for (uint256 i = start; i < words.length; i++) {
            if (words[i] == 0) return false;
            if ((i - start) % 5 != 0) continue;
            if (words[i][29] == 0 || words[i][30] == 0 || words[i][31] != 0) return false;
            if ((words[i] << 128) >> 152 != 0 || bytes16(words[i]) == 0) return false;
        }
        return _areDistinct(words, start, 5);
    }

    function _areDistinct(bytes32[] memory words, uint256 start, uint256 width) private pure returns (bool) {
        for (uint256 i = start; i < words.length; i += width) {
            if (width == 1 && (words[i] == 0 || words[i] << 128 != 0)) return false;
            for (uint256 j = start; j < i; j += width) {
                if (bytes16(words[i]) == bytes16(words[j])) return false;
            }
        }
        return true;
    }

    function _areInsurers(uint32 first, uint32 second) private pure returns (bool) {
        return second == 0 || (first != 0 && first != second);
    }

    /// @dev Comparison by comparison the two kinds that stand on its sides.
    function _isError(uint8 comparison, uint8 inError) private pure returns (bool) {
        bytes memory one = hex"01010202020303030101010103";
        bytes memory other = hex"02020303030707070707070706";
        return uint8(one[comparison]) == inError || uint8(other[comparison]) == inError;
    }

    /// @dev Nature 1, did not occur, has no word; nature 2, incorrect data, has the root corrected.
    function _isNature(bytes memory said, bytes32[] memory words) private pure returns (bool) {
        bool mayNotOccur = said[0] == 0x02 || said[0] == 0x03 || said[0] == 0x06;
        if (said[1] == 0x01) return mayNotOccur && words.length == 0;
        return said[1] == 0x02 && _words(words, "r");
    }
}
