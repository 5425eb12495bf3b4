// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJobErrors} from "../../IJobErrors.sol";
import {ScoreRule, ScoreTable} from "../../MeasurementTypes.sol";
import {Float32, INFINITY, isNaN, MAGNITUDE, ONE, SIGN, squareRoot} from "../../reproducible/SoftFloat.sol";
import {WideIntegers} from "../../reproducible/WideIntegers.sol";
import {Selection} from "./Selection.sol";

/// @notice How the model is moved.
enum Step {
    None, // not at all
    Outer, // by the outer optimizer
    Averaging // by the plain step
}

/// @notice What the rules make of a table. A place is that of a readable update in the order of hashes; a player is a set of
/// places, a bit each, and stands in the order of its lowest one.
struct Reading {
    uint256[] seatOf; // by place
    uint256[] players;
    Float32[] factors; // of the players, by which their vectors are shortened
    uint256 leading; // players that are of use alone, a bit each
    Float32[] leadingFactors; // of the players, shortened among the leading ones
    uint256 accepted; // players that count, a bit each
    uint256 still; // number of the loss of a model that stays
    Step step;
    int256[] scores; // of the players, micro-nats
}

/// @notice Reads a table as `src/training/federated` does: who is a near copy of whom, who is shortened, who is of use, and how
/// the model moves. A table with a part that does not follow from those before it is refused.
library RoundReading {
    uint256 private constant PPM = 1_000_000;

    /// @param hashes Content address of each seat's update; 0 where it has none that counts.
    function read(
        ScoreRule memory rule,
        bytes32[] memory hashes,
        ScoreTable calldata table
    ) internal pure returns (Reading memory reading) {
        reading.seatOf = _places(hashes, table);
        reading.players = _players(rule, table.products, reading.seatOf.length);
        _requireNumbers("squares", table.squares, reading.players.length);
        _readLosses(rule, table, reading);
    }

    /// @dev Seats of the readable updates, in the order of their hashes.
    function _places(
        bytes32[] memory hashes,
        ScoreTable calldata table
    ) private pure returns (uint256[] memory seatOf) {
        uint256 seats = hashes.length;
        if (table.updates.length != seats) revert IJobErrors.BadTable("updates", table.updates.length);
        uint256 readable = table.readable;
        if (readable >> seats != 0) revert IJobErrors.BadTable("readable", readable);
        uint256 count;
        uint256[] memory found = new uint256[](seats);
        for (uint256 seat = 0; seat < seats; ++seat) {
            bool told = table.updates[seat] != 0;
            if (told && hashes[seat] == 0) revert IJobErrors.BadTable("updates", seat);
            if ((readable >> seat) & 1 == 0) continue;
            if (!told) revert IJobErrors.BadTable("readable", readable);
            uint256 place = count++;
            for (; place > 0 && hashes[found[place - 1]] > hashes[seat]; --place) found[place] = found[place - 1];
            found[place] = seat;
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
        return found;
    }

    /// @dev Updates that are not zero, joined where they are near copies, directly or through others.
    function _players(
        ScoreRule memory rule,
        uint32[] calldata products,
        uint256 places
    ) private pure returns (uint256[] memory players) {
        _requireNumbers("products", products, places * places);
        uint256 rest;
        for (uint256 i = 0; i < places; ++i) {
            uint256 square = products[i * places + i];
            if (square & SIGN != 0) revert IJobErrors.BadTable("products", i * places + i);
            if (square != 0) rest |= 1 << i;
        }
        uint256[] memory near = _nearCopies(rule, products, places);
        players = new uint256[](places);
        uint256 count;
        while (rest != 0) {
            uint256 members = rest & (~rest + 1);
            uint256 reached = members;
            while (reached != 0) {
                uint256 others = near[Selection.lowest(reached)] & rest & ~members;
                members |= others;
                reached = (reached & (reached - 1)) | others;
            }
            rest &= ~members;
            players[count++] = members;
        }
        assembly ("memory-safe") {
            mstore(players, count)
        }
    }

    /// @dev For each place the places of its near copies.
    function _nearCopies(
        ScoreRule memory rule,
        uint32[] calldata products,
        uint256 places
    ) private pure returns (uint256[] memory near) {
        near = new uint256[](places);
        for (uint256 i = 0; i < places; ++i) {
            Float32 squareI = Float32.wrap(products[i * places + i]);
            for (uint256 j = i + 1; j < places; ++j) {
                uint256 product = products[i * places + j];
                Float32 squareJ = Float32.wrap(products[j * places + j]);
                bool positive = product != 0 && product & SIGN == 0;
                if (!positive || Float32.unwrap(squareI) == 0 || Float32.unwrap(squareJ) == 0) continue;
                // Quotients keep within range what squares of products would leave.
                Float32 cosine = (Float32.wrap(product) / squareI) * (Float32.wrap(product) / squareJ);
                if (isNaN(cosine) || Float32.unwrap(cosine) < rule.nearCopy) continue;
                near[i] |= 1 << j;
                near[j] |= 1 << i;
            }
        }
    }

    function _readLosses(ScoreRule memory rule, ScoreTable calldata table, Reading memory reading) private pure {
        uint64[] calldata losses = table.losses;
        for (uint256 i = 0; i < losses.length; ++i) {
            if (losses[i] > WideIntegers.WORST_LOSS) revert IJobErrors.BadTable("losses", i);
        }
        uint256 count = reading.players.length;
        reading.scores = new int256[](count);
        uint256 next;
        if (count != 0) {
            next = count + 1;
            _requireLosses(losses, next);
            reading.factors = _shorten(table.squares, (1 << count) - 1, count);
            _readGains(rule, losses, reading);
        }
        if (reading.leading != 0) next = _readAbsences(table, reading, next);
        reading.still = next++;
        _requireLosses(losses, reading.accepted == 0 ? next : next + 2);
        uint256 best = losses[reading.still];
        if (reading.accepted != 0) {
            // A step that leaves the finite numbers has the worst loss, and so is never below.
            if (losses[next] < best) (best, reading.step) = (losses[next], Step.Outer);
            if (losses[next + 1] < best) reading.step = Step.Averaging;
            next += 2;
            // In a round that changes nothing nobody is paid.
            if (reading.step == Step.None) {
                for (uint256 i = 0; i < count; ++i) if ((reading.accepted >> i) & 1 != 0) reading.scores[i] = 0;
            }
        }
        if (losses.length != next) revert IJobErrors.BadTable("losses", losses.length);
    }

    /// @dev Who alone lowers the loss below that of a round in which nobody moves, and by a share of what the best one does.
    function _readGains(ScoreRule memory rule, uint64[] calldata losses, Reading memory reading) private pure {
        uint256 count = reading.players.length;
        int256 nobody = int256(uint256(losses[0]));
        int256 best;
        for (uint256 i = 0; i < count; ++i) {
            int256 gain = nobody - int256(uint256(losses[1 + i]));
            reading.scores[i] = gain < 0 ? gain : int256(0);
            if (gain > best) best = gain;
        }
        for (uint256 i = 0; i < count; ++i) {
            int256 gain = nobody - int256(uint256(losses[1 + i]));
            bool enough = gain > 0 && uint256(gain) * PPM >= uint256(best) * rule.leastSharePpm;
            if (enough) reading.leading |= 1 << i;
        }
    }

    /// @dev What the absence of each that is of use adds to the loss of all of them.
    /// @param next Number of the loss with all of them.
    function _readAbsences(
        ScoreTable calldata table,
        Reading memory reading,
        uint256 next
    ) private pure returns (uint256) {
        uint64[] calldata losses = table.losses;
        uint256 count = reading.players.length;
        // Shortened anew: those that are of no use do not weigh on the median either.
        reading.leadingFactors = _shorten(table.squares, reading.leading, count);
        _requireLosses(losses, next + 1);
        int256 all = int256(uint256(losses[next++]));
        for (uint256 i = 0; i < count; ++i) {
            if ((reading.leading >> i) & 1 == 0) continue;
            _requireLosses(losses, next + 1);
            int256 score = int256(uint256(losses[next++])) - all;
            reading.scores[i] = score;
            if (score > 0) reading.accepted |= 1 << i;
        }
        return next;
    }

    /// @dev Lets no chosen player move the model further than the middle one of them, the upper one of an even number.
    function _shorten(
        uint32[] calldata squares,
        uint256 chosen,
        uint256 count
    ) private pure returns (Float32[] memory factors) {
        uint256[] memory sorted = new uint256[](count);
        uint256 found;
        for (uint256 i = 0; i < count; ++i) {
            if ((chosen >> i) & 1 == 0) continue;
            uint256 place = found++;
            for (; place > 0 && sorted[place - 1] > squares[i]; --place) sorted[place] = sorted[place - 1];
            sorted[place] = squares[i];
        }
        // Bits of numbers that are not negative are in the order of the numbers.
        uint256 median = sorted[found / 2];
        factors = new Float32[](count);
        for (uint256 i = 0; i < count; ++i) {
            bool longer = squares[i] > median;
            factors[i] = longer ? squareRoot(Float32.wrap(median) / Float32.wrap(squares[i])) : ONE;
        }
    }

    /// @dev Numbers have to be finite, and squares not negative.
    function _requireNumbers(bytes32 part, uint32[] calldata numbers, uint256 count) private pure {
        if (numbers.length != count) revert IJobErrors.BadTable(part, numbers.length);
        uint256 most = part == "squares" ? INFINITY : SIGN | INFINITY;
        for (uint256 i = 0; i < count; ++i) {
            uint256 number = numbers[i];
            if (number & MAGNITUDE >= INFINITY || number >= most) revert IJobErrors.BadTable(part, i);
        }
    }

    function _requireLosses(uint64[] calldata losses, uint256 count) private pure {
        if (losses.length < count) revert IJobErrors.BadTable("losses", losses.length);
    }
}
