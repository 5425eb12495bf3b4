// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {UniformPriceAuction} from "../energy/libraries/UniformPriceAuction.sol";
import {ClearingRule} from "../energy/types/ExchangeTypes.sol";
import {MeterWord} from "../energy/types/MeterWord.sol";
import {OrderRowLib, OrderRows} from "../energy/types/OrderRow.sol";

/// @notice Runs the auction on books given as plain arrays, for tests alone.
contract AuctionHarness {
    /// @notice Orders are `price << 24 | energyWh`, both sides in strict order.
    struct Book {
        uint256[] bids;
        uint256[] offers;
    }

    struct Clearing {
        uint256 price;
        uint256 volumeWh;
        uint256[] bidFillsWh;
        uint256[] offerFillsWh;
    }

    /// @notice Clear many books, each alone.
    function clear(ClearingRule rule, Book[] calldata books) external pure returns (Clearing[] memory clearings) {
        clearings = new Clearing[](books.length);
        for (uint256 i = 0; i < books.length; ++i) {
            OrderRows memory bids = _rows(books[i].bids);
            OrderRows memory offers = _rows(books[i].offers);
            UniformPriceAuction.Result memory result = UniformPriceAuction.clear(rule, bids, offers);
            clearings[i] = Clearing(
                result.price,
                result.volumeWh,
                _fills(result.bids, bids),
                _fills(result.offers, offers)
            );
        }
    }

    function _rows(uint256[] calldata orders) private pure returns (OrderRows memory rows) {
        rows = OrderRows(OrderRowLib.allocate(orders.length), orders.length);
        uint256 endWh;
        for (uint256 i = 0; i < orders.length; ++i) {
            uint256 energyWh = orders[i] & 0xffffff;
            endWh += energyWh;
            rows.rowAt(i).write(address(0), (energyWh << 32) | (orders[i] >> 24), endWh, MeterWord.wrap(0), 0);
        }
    }

    function _fills(
        UniformPriceAuction.Side memory side,
        OrderRows memory rows
    ) private pure returns (uint256[] memory fillsWh) {
        fillsWh = new uint256[](rows.count);
        for (uint256 i = 0; i < rows.count; ++i) fillsWh[i] = UniformPriceAuction.fill(side, i, rows.rowAt(i));
    }
}
