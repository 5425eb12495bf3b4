// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {DifferencePart, ScoreTable} from "../../MeasurementTypes.sol";

/// @notice Where two tables of a round differ first. Whatever comes before is the same in both, so that both sides mean the same by what
/// is to be measured there.
library TableDifference {
    /// @dev Lists have equal lengths as long as everything before them is the same.
    /// @return part `Next` where nothing else differs: then the results differ in their aggregate.
    /// @return position Seat, or place in the list.
    function first(
        ScoreTable calldata a,
        ScoreTable calldata b
    ) internal pure returns (DifferencePart part, uint256 position) {
        if (a.model != b.model) return (DifferencePart.Model, 0);
        if (a.slice != b.slice) return (DifferencePart.Slice, 0);
        for (uint256 i = 0; i < a.updates.length; ++i) {
            if (a.updates[i] != b.updates[i]) return (DifferencePart.Update, i);
        }
        for (uint256 i = 0; i < a.updates.length; ++i) {
            if (((a.readable ^ b.readable) >> i) & 1 != 0) return (DifferencePart.Readable, i);
        }
        for (uint256 i = 0; i < a.products.length; ++i) {
            if (a.products[i] != b.products[i]) return (DifferencePart.Product, i);
        }
        for (uint256 i = 0; i < a.squares.length; ++i) {
            if (a.squares[i] != b.squares[i]) return (DifferencePart.Square, i);
        }
        for (uint256 i = 0; i < a.losses.length; ++i) {
            if (a.losses[i] != b.losses[i]) return (DifferencePart.Loss, i);
        }
        return (a.moved == b.moved ? DifferencePart.Next : DifferencePart.Moved, 0);
    }
}
