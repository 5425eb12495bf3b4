// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ClearingRule} from "../types/ExchangeTypes.sol";

/// @notice The uniform-price double auction, in one walk over bids by falling and offers by rising limit price.
/// `src/market/clearing.ts` is the same in TypeScript, and the same fuzzed books run through both.
///
/// The *crossing* matches watt-hour after watt-hour while the bid at hand is not below the offer at hand; its last
/// matched pair of orders is the *marginal pair* (b, s).
///
/// - `Midpoint` (k = 0.5): price = floor((b + s) / 2), everything matched trades.
/// - `Sbba` (strongly budget balanced; Segal-Halevi, Hassidim, Aumann, arXiv 1607.05139): let s' be the next offer
///   after the marginal one. If there is one and s' <= b, the price is s' and everything matched trades; else the price
///   is b, the marginal buyer stands aside whole, and the sellers up to the marginal one share what the other buyers
///   take. For orders of one equal size this is the paper's rule with its lottery replaced by rationing; for divisible
///   orders it is the generalisation in which the order that sets the price trades nothing, and so gains nothing by
///   setting it.
///
/// The longer side is rationed by cumulative floor over the strict order (whole watt-hours, none lost): under
/// `Midpoint` only among the orders at the marginal limit price, under `Sbba` among all sellers that trade.
library UniformPriceAuction {
    /// @notice How much of a side trades: orders before `groupStart` in full, those in [groupStart, groupEnd) share
    /// `groupVolumeWh` of their `groupEnergyWh`, later ones nothing.
    struct Side {
        uint256 groupStart;
        uint256 groupEnd;
        uint256 groupEnergyWh;
        uint256 groupVolumeWh;
    }

    struct Result {
        uint256 price;
        uint256 volumeWh;
        Side bids;
        Side offers;
    }

    /// @dev An order for the auction is `price << 24 | energyWh`; energy is never zero, sums stay below 2^40.
    uint256 private constant ENERGY_MASK = 0xffffff;

    /// @param bids The first `bidCount` words are bids by falling price.
    /// @param offers The first `offerCount` words are offers by rising price.
    function clear(
        ClearingRule rule,
        uint256[] memory bids,
        uint256 bidCount,
        uint256[] memory offers,
        uint256 offerCount
    ) internal pure returns (Result memory result) {
        unchecked {
            if (bidCount == 0 || offerCount == 0) return result;
            Crossing memory c = _cross(bids, bidCount, offers, offerCount);
            uint256 volumeWh = c.volumeWh;
            if (volumeWh == 0) return result;

            uint256 bidPrice = _price(bids, c.lastBid);
            uint256 offerPrice = _price(offers, c.lastOffer);
            if (rule == ClearingRule.Midpoint) {
                result.price = (bidPrice + offerPrice) / 2;
                result.volumeWh = volumeWh;
                result.bids = _marginalGroup(bids, bidCount, c.lastBid, c.bidsWh, volumeWh);
                result.offers = _marginalGroup(offers, offerCount, c.lastOffer, c.offersWh, volumeWh);
                return result;
            }

            uint256 lastBid = c.lastBid;
            uint256 next = c.lastOffer + 1;
            if (next < offerCount && _price(offers, next) <= bidPrice) {
                result.price = _price(offers, next);
                result.bids = _prefix(bids, lastBid + 1);
            } else {
                result.price = bidPrice;
                result.bids = _prefix(bids, lastBid);
            }
            volumeWh = result.bids.groupEnergyWh;
            if (volumeWh == 0) return Result(0, 0, Side(0, 0, 0, 0), Side(0, 0, 0, 0));
            result.volumeWh = volumeWh;
            result.offers = _prefix(offers, next);
            result.offers.groupVolumeWh = volumeWh;
        }
    }

    /// @notice What order `index` trades. `before` is the energy of the group's orders ahead of it.
    function fill(
        Side memory side,
        uint256 index,
        uint256 energyWh,
        uint256 before
    ) internal pure returns (uint256 filledWh) {
        unchecked {
            if (index < side.groupStart) return energyWh;
            if (index >= side.groupEnd) return 0;
            uint256 volume = side.groupVolumeWh;
            uint256 energy = side.groupEnergyWh;
            if (volume == energy) return energyWh;
            return ((before + energyWh) * volume) / energy - (before * volume) / energy;
        }
    }

    /// @dev The crossing: how much is matched, and on each side the marginal order with the energy up to its end.
    struct Crossing {
        uint256 volumeWh;
        uint256 lastBid;
        uint256 lastOffer;
        uint256 bidsWh;
        uint256 offersWh;
    }

    /// @dev Match watt-hour after watt-hour while the bid at hand is not below the offer at hand.
    function _cross(
        uint256[] memory bids,
        uint256 bidCount,
        uint256[] memory offers,
        uint256 offerCount
    ) private pure returns (Crossing memory c) {
        unchecked {
            uint256 i;
            uint256 j;
            uint256 bid = _at(bids, 0);
            uint256 offer = _at(offers, 0);
            if (_priceOf(bid) < _priceOf(offer)) return c;
            // Energy of the orders up to the end of the one at hand; what both sides have is matched.
            uint256 bidsWh = bid & ENERGY_MASK;
            uint256 offersWh = offer & ENERGY_MASK;
            while (true) {
                // The order that is used up gives way to the next one, both if they end together; the pair at hand
                // stays the marginal one if that next pair does not match.
                uint256 nextBid = bid;
                uint256 nextOffer = offer;
                if (bidsWh <= offersWh) {
                    if (i + 1 == bidCount) break;
                    nextBid = _at(bids, i + 1);
                }
                if (offersWh <= bidsWh) {
                    if (j + 1 == offerCount) break;
                    nextOffer = _at(offers, j + 1);
                }
                if (_priceOf(nextBid) < _priceOf(nextOffer)) break;
                bool bidEnds = bidsWh <= offersWh;
                if (offersWh <= bidsWh) {
                    ++j;
                    offer = nextOffer;
                    offersWh += offer & ENERGY_MASK;
                }
                if (bidEnds) {
                    ++i;
                    bid = nextBid;
                    bidsWh += bid & ENERGY_MASK;
                }
            }
            c = Crossing(bidsWh < offersWh ? bidsWh : offersWh, i, j, bidsWh, offersWh);
        }
    }

    /// @dev Orders with the limit price of the marginal one share what the better ones leave of the volume.
    /// @param endWh Energy of the orders up to the end of the marginal one.
    function _marginalGroup(
        uint256[] memory orders,
        uint256 count,
        uint256 marginal,
        uint256 endWh,
        uint256 volumeWh
    ) private pure returns (Side memory side) {
        unchecked {
            uint256 price = _price(orders, marginal);
            uint256 start = marginal;
            uint256 groupWh = _energy(orders, marginal);
            for (; start != 0 && _price(orders, start - 1) == price; --start) groupWh += _energy(orders, start - 1);
            side.groupStart = start;
            side.groupVolumeWh = volumeWh - (endWh - groupWh);
            uint256 end = marginal + 1;
            for (; end < count && _price(orders, end) == price; ++end) groupWh += _energy(orders, end);
            side.groupEnd = end;
            side.groupEnergyWh = groupWh;
        }
    }

    /// @dev The first `count` orders, all of them in full.
    function _prefix(uint256[] memory orders, uint256 count) private pure returns (Side memory side) {
        unchecked {
            for (uint256 index; index < count; ++index) side.groupEnergyWh += _energy(orders, index);
            side.groupEnd = count;
            side.groupVolumeWh = side.groupEnergyWh;
        }
    }

    /// @dev Every caller's index is below the array's length.
    function _at(uint256[] memory orders, uint256 index) private pure returns (uint256 order) {
        assembly ("memory-safe") {
            order := mload(add(add(orders, 0x20), shl(5, index)))
        }
    }

    function _priceOf(uint256 order) private pure returns (uint256) {
        return (order >> 24) & 0xffffff;
    }

    function _price(uint256[] memory orders, uint256 index) private pure returns (uint256) {
        return _priceOf(_at(orders, index));
    }

    function _energy(uint256[] memory orders, uint256 index) private pure returns (uint256) {
        return _at(orders, index) & ENERGY_MASK;
    }
}
