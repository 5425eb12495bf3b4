// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {ZoneMoney} from "./ZoneMoney.sol";

/// @notice The trading fee of each reputation tier: eight lanes of 32 bits in a word, tier 0 in the lowest.
library TierFees {
    /// @notice Highest discount, half of the fee.
    uint256 internal constant MAX_DISCOUNT_PPM = 500_000;
    uint256 internal constant TIERS = 8;

    /// @notice Trading fee of a buyer in ppm of the traded value: the zone's fee less the tier's discount, rounded down to
    /// whole ppm. `src/market/fees.ts` has the same function.
    function feePpmOf(uint256 feePpm, uint256 tier) internal view returns (uint256) {
        uint256 discount = laneOf(ExchangeStorage.load().tierDiscounts.lanes, tier);
        return (feePpm * (ZoneMoney.PPM - discount)) / ZoneMoney.PPM;
    }

    /// @notice Storage slot of the discounts, for code that reads them itself.
    function storageSlot() internal view returns (bytes32 slot) {
        ExchangeStorage.TierDiscounts storage discounts = ExchangeStorage.load().tierDiscounts;
        assembly ("memory-safe") {
            slot := discounts.slot
        }
    }

    function laneOf(uint256 lanes, uint256 tier) internal pure returns (uint256) {
        return (lanes >> (32 * tier)) & 0xffffffff;
    }

    /// @notice The first tier whose discount is beyond the bound, below the tier's before it, or not zero for tier 0;
    /// `TIERS` if there is none.
    function firstUnsound(uint256 discounts) internal pure returns (uint256 tier) {
        if (laneOf(discounts, 0) != 0) return 0;
        uint256 before;
        for (tier = 1; tier < TIERS; ++tier) {
            uint256 discount = laneOf(discounts, tier);
            if (discount < before || discount > MAX_DISCOUNT_PPM) return tier;
            before = discount;
        }
    }
}
