// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Arithmetic of points and baselines. Pure; `src/game/points.ts` and `src/game/baseline.ts` are its twins.
library SeasonPoints {
    /// @notice A point in the unit that sums are kept in.
    int256 internal constant POINT_PPM = 1_000_000;
    uint256 private constant SLOTS_PER_DAY = 96;

    /// @notice Points of a reading, ppm: importing counts for it when energy is plentiful, exporting when it is scarce.
    /// Signed, so that energy that leaves one meter and enters another in the same slot sums to zero.
    function ofReading(int256 scarcityPpm, uint256 importWh, uint256 exportWh) internal pure returns (int256) {
        return -scarcityPpm * (int256(importWh) - int256(exportWh));
    }

    /// @notice Energy that flowed and was not proved: a register's rise less what was proved of it. Both differences are
    /// of the same meter, so the proved part can be greater only if its registers were never noted; then it is 0.
    function unproved(uint256 registerWh, uint256 startWh, uint256 provedWh) internal pure returns (uint256) {
        uint256 known = startWh + provedWh;
        return registerWh > known ? registerWh - known : 0;
    }

    /// @notice Whole points of a season: the sum, less one a Wh for what was not proved, rounded down and never negative.
    function concluded(int256 pointsPpm, uint256 unprovedWh) internal pure returns (uint256) {
        int256 rest = pointsPpm - int256(unprovedWh) * POINT_PPM;
        return rest <= 0 ? 0 : uint256(rest / POINT_PPM);
    }

    /// @notice Energy shed against the mean of three days, rounded down; never negative.
    function shed(int256 baselineTimesThree, int256 actualWh) internal pure returns (uint256) {
        int256 less = baselineTimesThree - 3 * actualWh;
        return less <= 0 ? 0 : uint256(less) / 3;
    }

    /// @notice Whether a slot's day (UTC) is a Saturday or Sunday.
    function isWeekend(uint256 slot) internal pure returns (bool) {
        // Day 0, 1 January 1970, was a Thursday.
        uint256 weekday = (slot / SLOTS_PER_DAY + 3) % 7;
        return weekday >= 5;
    }
}
