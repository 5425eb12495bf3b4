// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Components} from "../reputation/Components.sol";
import {TierRules} from "../reputation/IReputation.sol";
import {Samples} from "../reputation/Samples.sol";

/// @notice Opens the arithmetic of reputation to tests.
contract ComponentsHarness {
    function advance(uint256 component, uint256 elapsed, uint256 sample) external pure returns (uint256) {
        return Components.advance(component, elapsed, sample);
    }

    function decay(uint256 component, uint256 idleDays) external pure returns (uint256) {
        return Components.decay(component, idleDays);
    }

    function tierOf(uint256 scorePpm, uint256 held, TierRules calldata rules) external pure returns (uint256) {
        return Components.tierOf(scorePpm, held, rules);
    }

    function contribution(uint256 flexibleWh, uint256 ratedWh) external pure returns (uint256) {
        return Samples.contribution(flexibleWh, ratedWh);
    }
}
