// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {DifferencePart, ScoreRule, ScoreTable} from "../../MeasurementTypes.sol";
import {Float32, ONE} from "../../reproducible/SoftFloat.sol";
import {Reading, RoundReading, Step} from "./RoundReading.sol";
import {Move, Selection} from "./Selection.sol";

/// @notice What follows from a table: the scores, and which move each of its numbers was measured with. The losses are, in this order:
/// nobody moves; each player alone, both by the mean and with all players; then by the job's rule, where somebody is of use alone:
/// all that are, and all of them but one, for each; nobody, without a player; and where somebody counts: all that count by the
/// outer step, and by the plain one.
library ScoreRules {
    /// @notice What is measured, and with which of the two programs.
    struct Measured {
        bytes32 selection; // root of the selection's bytes
        bool sorted; // by the program for sorted values, where the job has one
        uint256 element; // of the products, where it is one
        uint256[] seatOf; // seats of the readable updates, in the order of their hashes
    }

    /// @notice Score of each seat, micro-nats. Members of a player share its score, rounded down.
    /// @param hashes Content address of each seat's update; 0 where it has none that counts.
    function scoresOf(
        ScoreRule calldata rule,
        bytes32[] calldata hashes,
        ScoreTable calldata table
    ) external pure returns (int64[] memory scores) {
        Reading memory reading = RoundReading.read(rule, hashes, table);
        scores = new int64[](hashes.length);
        for (uint256 i = 0; i < reading.players.length; ++i) {
            int64 share = int64(_floorDiv(reading.scores[i], int256(_count(reading.players[i]))));
            for (uint256 place = 0; place < reading.seatOf.length; ++place) {
                if ((reading.players[i] >> place) & 1 != 0) scores[reading.seatOf[place]] = share;
            }
        }
    }

    /// @notice The move that a number of a table was measured with.
    /// @param part Of the table (`DifferencePart`): `Product`, `Square`, `Loss` or `Moved`.
    /// @param position Of the number in its list.
    function measuredBy(
        ScoreRule calldata rule,
        bytes32[] calldata hashes,
        ScoreTable calldata table,
        uint8 part,
        uint256 position
    ) external view returns (Measured memory measured) {
        Reading memory reading = RoundReading.read(rule, hashes, table);
        uint256 places = reading.seatOf.length;
        measured.seatOf = reading.seatOf;
        Move memory move;
        if (part == uint8(DifferencePart.Product)) {
            measured.element = position;
            move = _eachAlone(places);
        } else if (part == uint8(DifferencePart.Square)) {
            measured.element = Selection.lowest(reading.players[position]) * (places + 1);
            move = _all(reading.players);
        } else {
            uint256 number = position;
            if (part == uint8(DifferencePart.Moved)) {
                number =
                    reading.still +
                    (
                        reading.step == Step.Outer
                            ? 1
                            : reading.step == Step.Averaging
                                ? 2
                                : 0
                    );
            }
            (move, measured.sorted) = _moveOf(reading, number);
        }
        measured.selection = Selection.rootOf(rule, move, measured.sorted, places);
    }

    /// @dev The move of a loss by its number.
    function _moveOf(Reading memory reading, uint256 number) private pure returns (Move memory move, bool sorted) {
        uint256 count = reading.players.length;
        if (count != 0 && number <= count) {
            move = Move(reading.players, reading.factors, (1 << count) - 1, 0, false);
            if (number != 0) move.present = 1 << (number - 1);
            return (move, false);
        }
        sorted = true;
        move = Move(reading.players, reading.leadingFactors, 0, 0, false);
        if (number > reading.still) {
            (move.chosen, move.present) = (reading.accepted, reading.accepted);
            move.outer = number == reading.still + 1;
        } else if (number < reading.still) {
            (move.chosen, move.present) = (reading.leading, reading.leading);
            uint256 absent = number - count - 1;
            if (absent != 0) move.present &= ~_bitOf(reading.leading, absent);
        }
    }

    /// @dev Every readable update as a player of its own.
    function _eachAlone(uint256 places) private pure returns (Move memory) {
        uint256[] memory players = new uint256[](places);
        for (uint256 i = 0; i < places; ++i) players[i] = 1 << i;
        return _all(players);
    }

    /// @dev All players, none of them shortened.
    function _all(uint256[] memory players) private pure returns (Move memory) {
        uint256 all = (1 << players.length) - 1;
        Float32[] memory factors = new Float32[](players.length);
        for (uint256 i = 0; i < players.length; ++i) factors[i] = ONE;
        return Move(players, factors, all, all, false);
    }

    /// @dev The bit that comes as number `which` of those set, from 1.
    function _bitOf(uint256 bits, uint256 which) private pure returns (uint256) {
        for (; which > 1; --which) bits &= bits - 1;
        return bits & (~bits + 1);
    }

    function _count(uint256 bits) private pure returns (uint256 count) {
        for (; bits != 0; bits &= bits - 1) ++count;
    }

    function _floorDiv(int256 value, int256 divisor) private pure returns (int256 quotient) {
        quotient = value / divisor;
        if (value < 0 && quotient * divisor != value) --quotient;
    }
}
