// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TierRules} from "./IReputation.sol";

/// @notice Arithmetic of a reputation's components, ppm. Pure; `src/game/components.ts` is its twin.
library Components {
    uint256 internal constant ONE = 1_000_000;
    /// @notice Where a component starts and what it decays to.
    uint256 internal constant NEUTRAL = 500_000;
    /// @notice Stands for "no sample".
    uint256 internal constant NO_SAMPLE = type(uint24).max;
    /// @notice A sample counts for a quarter.
    int256 private constant SAMPLE_SHARE = 4;
    /// @notice After 20 half-lives nothing of the largest distance from neutral, 500,000, is left.
    uint256 private constant GONE_AFTER_DAYS = 160;

    /// @notice A component after `elapsed` days, with a sample of the last of them or none. Idle days halve the distance
    /// from neutral every 8 days; a sample then pulls by a quarter. Both are rounded toward zero.
    function advance(uint256 component, uint256 elapsed, uint256 sample) internal pure returns (uint256) {
        if (sample == NO_SAMPLE) return decay(component, elapsed);
        int256 decayed = int256(decay(component, elapsed == 0 ? 0 : elapsed - 1));
        return uint256(decayed + (int256(sample) - decayed) / SAMPLE_SHARE);
    }

    /// @notice A component after idle days.
    function decay(uint256 component, uint256 idleDays) internal pure returns (uint256) {
        return
            component >= NEUTRAL
                ? NEUTRAL + _remaining(component - NEUTRAL, idleDays)
                : NEUTRAL - _remaining(NEUTRAL - component, idleDays);
    }

    /// @notice Reliability counts twice.
    function score(uint256 reliability, uint256 efficiency, uint256 contribution) internal pure returns (uint256) {
        return (2 * reliability + efficiency + contribution) / 4;
    }

    /// @notice The tier of a score: a higher one from its threshold on, the held one down to the hysteresis below its own.
    function tierOf(uint256 scorePpm, uint256 held, TierRules memory rules) internal pure returns (uint256 tier) {
        uint24[4] memory thresholds = [rules.tier1Ppm, rules.tier2Ppm, rules.tier3Ppm, rules.tier4Ppm];
        tier = held;
        while (tier < 4 && scorePpm >= thresholds[tier]) ++tier;
        while (tier > 0 && scorePpm + rules.hysteresisPpm < thresholds[tier - 1]) --tier;
    }

    /// @dev What is left of a distance from neutral: `2^(-1/8)` a day, whole halvings first.
    function _remaining(uint256 distance, uint256 idleDays) private pure returns (uint256) {
        if (idleDays >= GONE_AFTER_DAYS) return 0;
        return ((distance >> (idleDays / 8)) * _eighth(idleDays % 8)) / ONE;
    }

    /// @dev 2^(-n/8) in ppm, rounded to the nearest.
    function _eighth(uint256 n) private pure returns (uint256) {
        if (n == 0) return 1_000_000;
        if (n == 1) return 917_004;
        if (n == 2) return 840_896;
        if (n == 3) return 771_105;
        if (n == 4) return 707_107;
        if (n == 5) return 648_420;
        return n == 6 ? 594_604 : 545_254;
    }
}
