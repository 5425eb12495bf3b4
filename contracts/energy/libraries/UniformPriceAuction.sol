// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ClearingRule} from "../types/ExchangeTypes.sol";
import {OrderRow, OrderRows} from "../types/OrderRow.sol";

/// @notice The uniform-price double auction over bids by falling and offers by rising limit price.
/// `src/market/clearing.ts` is the same in TypeScript as a walk, and the same fuzzed books run through both; here every
/// row knows the energy up to its end, so that the crossing and its groups are found by bisection.
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
    /// @notice How much of a side trades: rows before `groupStart` in full, those in [groupStart, groupEnd) share
    /// `groupVolumeWh` of their `groupEnergyWh`, later ones nothing. `aheadWh` is the energy before the group.
    struct Side {
        uint256 groupStart;
        uint256 groupEnd;
        uint256 aheadWh;
        uint256 groupEnergyWh;
        uint256 groupVolumeWh;
    }

    struct Result {
        uint256 price;
        uint256 volumeWh;
        Side bids;
        Side offers;
    }

    /// @dev A limit price or'ed exclusively with this is a rank that rises along the strict order.
    uint256 private constant BID_FLIP = 0xffffff;
    uint256 private constant OFFER_FLIP = 0;

    /// @param bids Bids by falling price.
    /// @param offers Offers by rising price.
    function clear(
        ClearingRule rule,
        OrderRows memory bids,
        OrderRows memory offers
    ) internal pure returns (Result memory result) {
        unchecked {
            (uint256 buyers, uint256 sellers) = _crossing(bids, offers);
            if (buyers == 0) return result;
            OrderRow bid = bids.rowAt(buyers - 1);
            OrderRow offer = offers.rowAt(sellers - 1);
            uint256 bidPrice = bid.limitPrice();
            // The pair matches until one of them is used up.
            uint256 volumeWh = bid.endWh();
            if (offer.endWh() < volumeWh) volumeWh = offer.endWh();

            if (rule == ClearingRule.Midpoint) {
                result.price = (bidPrice + offer.limitPrice()) / 2;
                result.volumeWh = volumeWh;
                _setMarginalGroup(result.bids, bids, BID_FLIP, buyers - 1, volumeWh);
                _setMarginalGroup(result.offers, offers, OFFER_FLIP, sellers - 1, volumeWh);
                return result;
            }

            uint256 price = bidPrice;
            if (sellers < offers.count && offers.rowAt(sellers).limitPrice() <= bidPrice) {
                price = offers.rowAt(sellers).limitPrice();
            } else {
                --buyers;
                if (buyers == 0) return result;
            }
            volumeWh = bids.rowAt(buyers - 1).endWh();
            result.price = price;
            result.volumeWh = volumeWh;
            _setGroup(result.bids, bids, 0, buyers, volumeWh);
            _setGroup(result.offers, offers, 0, sellers, volumeWh);
        }
    }

    /// @notice What the order in row `index` of a side trades.
    function fill(Side memory side, uint256 index, OrderRow row) internal pure returns (uint256 filledWh) {
        unchecked {
            uint256 energyWh = row.energyWh();
            if (index < side.groupStart) return energyWh;
            if (index >= side.groupEnd) return 0;
            uint256 through = row.endWh() - side.aheadWh;
            uint256 before = through - energyWh;
            return
                (through * side.groupVolumeWh) / side.groupEnergyWh -
                (before * side.groupVolumeWh) / side.groupEnergyWh;
        }
    }

    /// @dev How many bids and how many offers the crossing reaches: those whose first watt-hour is matched, in order.
    ///
    /// The watt-hours of both sides lie side by side in strict order; prices of bids fall along them and those of offers
    /// rise, so the matched ones come first. Any pair of a bid and an offer tells on one of them:
    /// - if the bid is not below the offer, the one that begins earlier is matched, because its first watt-hour lies
    ///   beside an order that is at least as good as the other one;
    /// - if it is below, the one that begins later is not, because its first watt-hour lies beside an order no better than
    ///   the other one, or beside none.
    /// So each pair of middles halves what is open of one side, until one side is known. Of the other side, an order is
    /// then matched if it begins before the known side's last matched order ends and does not ask more of it than it gives.
    function _crossing(
        OrderRows memory bids,
        OrderRows memory offers
    ) private pure returns (uint256 buyers, uint256 sellers) {
        unchecked {
            uint256 bidsEnd = bids.count;
            uint256 offersEnd = offers.count;
            while (buyers < bidsEnd && sellers < offersEnd) {
                uint256 i = (buyers + bidsEnd) / 2;
                uint256 j = (sellers + offersEnd) / 2;
                OrderRow bid = bids.rowAt(i);
                OrderRow offer = offers.rowAt(j);
                bool bidFirst = bid.startWh() < offer.startWh();
                if (bid.limitPrice() >= offer.limitPrice()) {
                    if (bidFirst) buyers = i + 1;
                    else sellers = j + 1;
                } else {
                    if (bidFirst) offersEnd = j;
                    else bidsEnd = i;
                }
            }
            if ((buyers | bidsEnd) == 0 || (sellers | offersEnd) == 0) return (0, 0);
            if (buyers < bidsEnd) {
                OrderRow last = offers.rowAt(sellers - 1);
                while (buyers < bidsEnd) {
                    uint256 i = (buyers + bidsEnd) / 2;
                    OrderRow bid = bids.rowAt(i);
                    if (bid.startWh() < last.endWh() && bid.limitPrice() >= last.limitPrice()) buyers = i + 1;
                    else bidsEnd = i;
                }
            } else if (sellers < offersEnd) {
                OrderRow last = bids.rowAt(buyers - 1);
                while (sellers < offersEnd) {
                    uint256 j = (sellers + offersEnd) / 2;
                    OrderRow offer = offers.rowAt(j);
                    if (offer.startWh() < last.endWh() && offer.limitPrice() <= last.limitPrice()) sellers = j + 1;
                    else offersEnd = j;
                }
            }
        }
    }

    /// @dev The first row in [from, to) whose rank is not below `rank`, or `to`.
    function _rowsBelow(
        OrderRows memory rows,
        uint256 flip,
        uint256 from,
        uint256 to,
        uint256 rank
    ) private pure returns (uint256) {
        unchecked {
            while (from < to) {
                uint256 middle = (from + to) / 2;
                if ((rows.rowAt(middle).limitPrice() ^ flip) < rank) from = middle + 1;
                else to = middle;
            }
            return from;
        }
    }

    /// @dev Orders with the limit price of the marginal one share what the better ones leave of the volume.
    function _setMarginalGroup(
        Side memory side,
        OrderRows memory rows,
        uint256 flip,
        uint256 marginal,
        uint256 volumeWh
    ) private pure {
        unchecked {
            uint256 rank = rows.rowAt(marginal).limitPrice() ^ flip;
            uint256 end = marginal + 1;
            if (end < rows.count && (rows.rowAt(end).limitPrice() ^ flip) == rank) {
                end = _rowsBelow(rows, flip, end + 1, rows.count, rank + 1);
            }
            uint256 start = marginal;
            if (start != 0 && (rows.rowAt(start - 1).limitPrice() ^ flip) == rank) {
                start = _rowsBelow(rows, flip, 0, start - 1, rank);
            }
            _setGroup(side, rows, start, end, volumeWh);
        }
    }

    /// @dev Rows before `start` trade in full; those in [start, end) share what these leave of the volume.
    function _setGroup(
        Side memory side,
        OrderRows memory rows,
        uint256 start,
        uint256 end,
        uint256 volumeWh
    ) private pure {
        unchecked {
            side.groupEnd = end;
            uint256 through = rows.rowAt(end - 1).endWh();
            if (through == volumeWh) {
                // Nobody has to share.
                side.groupStart = end;
                return;
            }
            uint256 aheadWh = start == 0 ? 0 : rows.rowAt(start - 1).endWh();
            side.groupStart = start;
            side.aheadWh = aheadWh;
            side.groupEnergyWh = through - aheadWh;
            side.groupVolumeWh = volumeWh - aheadWh;
        }
    }
}
