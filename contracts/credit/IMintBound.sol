// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Says how much the grid leg may still mint.
interface IMintBound {
    /// @notice Ticks (1e9 credit base units) by which GRID's pledge and credit line exceed the credits in circulation.
    function headroomTicks() external view returns (uint256);
}
