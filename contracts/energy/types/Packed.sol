// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice The data of one `OrderCleared` event in a word, because an event's bytes cost eight gas each.
///
/// ```
///  0..57    58  balanceTicks  balance of the meter afterwards
///  58..115  58  feeTicks      trading fee taken from a buyer
///  116..139 24  filledWh      what the order traded
///  140..163 24  energyWh      what the order asked for
///  164..187 24  limitPrice    ticks per Wh
///  188..211 24  slot
///  212..223 12  zone
///  224..225  2  side          1 = bid, 2 = offer
///  226       1  placed        1 = the order was placed on chain
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
        return (side << 224) | (zone << 212) | (slot << 188);
    }

    /// @param order `placed << 48 | limitPrice << 24 | energyWh`.
    function packFill(
        uint256 common,
        uint256 order,
        uint256 filledWh,
        uint256 feeTicks,
        uint256 balanceTicks
    ) internal pure returns (Fill) {
        uint256 terms = (order & 0xffffffffffff) << 140;
        return Fill.wrap(common | ((order >> 48) << 226) | terms | (filledWh << 116) | (feeTicks << 58) | balanceTicks);
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
