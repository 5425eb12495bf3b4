// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {UniformPriceAuction} from "../energy/libraries/UniformPriceAuction.sol";
import {ClearingRule} from "../energy/types/ExchangeTypes.sol";

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
            uint256[] memory bids = books[i].bids;
            uint256[] memory offers = books[i].offers;
            UniformPriceAuction.Result memory result = UniformPriceAuction.clear(
                rule,
                bids,
                bids.length,
                offers,
                offers.length
            );
            clearings[i] = Clearing(
                result.price,
                result.volumeWh,
                _fills(result.bids, bids),
                _fills(result.offers, offers)
            );
        }
    }

    function _fills(
        UniformPriceAuction.Side memory side,
        uint256[] memory orders
    ) private pure returns (uint256[] memory fillsWh) {
        fillsWh = new uint256[](orders.length);
        uint256 before;
        for (uint256 i = 0; i < orders.length; ++i) {
            uint256 energyWh = orders[i] & 0xffffff;
            fillsWh[i] = UniformPriceAuction.fill(side, i, energyWh, before);
            if (i >= side.groupStart) before += energyWh;
        }
    }
}
