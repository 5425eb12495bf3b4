// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ScoreRule} from "../../MeasurementTypes.sol";
import {ChunkTree} from "../../reproducible/ChunkTree.sol";
import {Float32, fromInteger, ONE, ZERO} from "../../reproducible/SoftFloat.sol";

/// @notice A way to move the model.
struct Move {
    uint256[] players; // places, a bit each
    Float32[] factors; // by which their vectors are shortened
    uint256 chosen; // players that have weight, a bit each
    uint256 present; // players that moved, a bit each
    bool outer; // the outer optimizer's step, or the plain one
}

/// @notice The byte string that tells a measurement which move it is of, as `src/training/reproducible/scoring/selection.ts` writes it:
/// words of 32 bits, the lowest byte first.
library Selection {
    uint256 private constant PPM = 1_000_000;
    uint256 private constant MEDIAN = 1;
    uint256 private constant TRIMMED_MEAN = 2;

    /// @notice Root of the bytes.
    /// @param byRule Aggregated by the job's rule, or by the mean.
    /// @param updates Number of readable updates; none are measured as one that is zero.
    function rootOf(
        ScoreRule memory rule,
        Move memory move,
        bool byRule,
        uint256 updates
    ) internal view returns (bytes32) {
        if (updates == 0) updates = 1;
        uint256 square = updates * updates;
        bytes32[] memory chunks = new bytes32[]((square + 4 * updates + 4 + 7) / 8);
        uint256[] memory sizes = new uint256[](updates);
        uint256 count;
        for (uint256 i = 0; i < move.players.length; ++i) {
            if ((move.chosen >> i) & 1 == 0) continue;
            ++count;
            uint256 place = lowest(move.players[i]);
            _put(chunks, square + place, 1);
            for (uint256 member = 0; member < updates; ++member) {
                if ((move.players[i] >> member) & 1 == 0) continue;
                ++sizes[place];
                _put(chunks, place * updates + member, 1);
            }
            if ((move.present >> i) & 1 != 0) _putNumber(chunks, square + 3 * updates + place, move.factors[i]);
        }
        for (uint256 place = 0; place < updates; ++place) {
            uint256 size = sizes[place] == 0 ? 1 : sizes[place];
            _putNumber(chunks, square + 2 * updates + place, fromInteger(int256(size)));
        }
        _putRule(rule, move.outer, byRule, chunks, square + updates, updates, count);
        return ChunkTree.rootOfLeaves(chunks);
    }

    /// @notice Number of the lowest bit.
    function lowest(uint256 bits) internal pure returns (uint256 number) {
        while ((bits >> number) & 1 == 0) ++number;
    }

    /// @dev Ranks of sorted values that are part of the aggregate, what their sum is divided by, and the step.
    function _putRule(
        ScoreRule memory rule,
        bool outer,
        bool byRule,
        bytes32[] memory chunks,
        uint256 ranks,
        uint256 updates,
        uint256 count
    ) private pure {
        uint256 trim;
        if (byRule && count != 0) {
            if (rule.aggregation == MEDIAN) trim = (count - 1) / 2;
            else if (rule.aggregation == TRIMMED_MEAN) trim = (count * rule.trimPpm) / PPM;
        }
        for (uint256 rank = trim; rank < count - trim; ++rank) _put(chunks, ranks + rank, 1);
        uint256 kept = count == 0 ? 1 : count - 2 * trim;
        uint256 divisor = ranks + 3 * updates;
        _putNumber(chunks, divisor, fromInteger(int256(kept)));
        _putNumber(chunks, divisor + 1, outer ? Float32.wrap(rule.rate) : ONE);
        _putNumber(chunks, divisor + 2, outer ? Float32.wrap(rule.mu) : ZERO);
        if (outer) _put(chunks, divisor + 3, 1);
    }

    function _putNumber(bytes32[] memory chunks, uint256 word, Float32 number) private pure {
        _put(chunks, word, Float32.unwrap(number));
    }

    /// @dev A word that is zero so far.
    function _put(bytes32[] memory chunks, uint256 word, uint256 bits) private pure {
        uint256 turned = (bits >> 24) | ((bits >> 8) & 0xff00) | ((bits << 8) & 0xff0000) | ((bits & 0xff) << 24);
        chunks[word / 8] |= bytes32(turned << (224 - 32 * (word % 8)));
    }
}
