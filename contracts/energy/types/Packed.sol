// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice The data of one `OrderCleared` event in a word, because an event's bytes cost eight gas each.
///
/// ```
///  0..57    58  feeTicks      trading fee taken from a buyer
///  58..81   24  filledWh      what the order traded
///  82..105  24  limitPrice    ticks per Wh
///  106       1  placed        1 = the order was placed on chain
///  114..137 24  energyWh      what the order asked for
///  158..215 58  balanceTicks  balance of the meter afterwards, in the place that it has in the meter's word
///  216..239 24  slot
///  240..251 12  zone
///  252..253  2  side          1 = bid, 2 = offer
/// ```
type Fill is uint256;

/// @notice Grid leg and charges of one settled reading or closed position:
/// `minted (64) | burned (64) | network charge (64) | levy (64)`, ticks, most significant first.
type SettlementLine is uint256;

using PackedLib for Fill global;
using PackedLib for SettlementLine global;

library PackedLib {
    /// @notice The part of a `Fill` that all orders of a side share.
    function packFillCommon(uint256 zone, uint256 slot, uint256 side) internal pure returns (uint256) {
        return (side << 252) | (zone << 240) | (slot << 216);
    }

    /// @param terms `energyWh << 32 | placed << 24 | limitPrice`, as a row of the book has them.
    function packFill(
        uint256 common,
        uint256 terms,
        uint256 filledWh,
        uint256 feeTicks,
        uint256 balanceTicks
    ) internal pure returns (Fill) {
        return Fill.wrap(common | (balanceTicks << 158) | (terms << 82) | (filledWh << 58) | feeTicks);
    }

    function packLine(
        uint256 minted,
        uint256 burned,
        uint256 network,
        uint256 levy
    ) internal pure returns (SettlementLine) {
        return SettlementLine.wrap((minted << 192) | (burned << 128) | (network << 64) | levy);
    }
}
