// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ISeasons} from "./ISeasons.sol";
import {SeasonBase} from "./SeasonBase.sol";
import {SeasonTotals, SiteStage, SiteTally} from "./SeasonTypes.sol";

/// @notice The pool of a season and its division: rebates first, at most a quarter, then the rest by points.
abstract contract SeasonRewards is SeasonBase {
    using SafeERC20 for IERC20;

    /// @notice All rebates together get at most this part of the pool.
    uint256 private constant REBATE_SHARE = 4;
    uint256 private constant MAX_REBATE_PRICE = 100_000;
    uint256 private constant TIERS = 8;

    /// @inheritdoc ISeasons
    function finish(uint32 season) external {
        (, , uint256 claimsLastSlot) = seasonBounds(season);
        if (_slotNow() <= claimsLastSlot) revert ClaimsOpen(season);
        if (season <= lastFinished) revert AlreadyFinished(season);
        lastFinished = season;
        // The payouts of the season before are over since this one's claims ended: what is left of them is shared again.
        uint256 pool = credit.balanceOf(address(this));
        SeasonTotals storage totals = _totals[season];
        uint256 rebates = Math.min(uint256(totals.rebateTicks) * BASE_UNITS_PER_TICK, pool / REBATE_SHARE);
        totals.finished = true;
        totals.pool = uint128(pool);
        totals.rebates = uint128(rebates);
        emit SeasonFinished(season, totals.sites, totals.points, pool, rebates);
    }

    /// @inheritdoc ISeasons
    function collect(uint32 season, uint32 site) external returns (uint256 amount) {
        (, , uint256 nextClaimsLastSlot) = _bounds(uint256(season) + 1);
        if (season != lastFinished || _slotNow() > nextClaimsLastSlot) revert PayoutClosed(season);
        SiteTally storage tally = _atStage(season, site, SiteStage.Concluded);
        (uint256 reward, uint256 rebate) = _share(_totals[season], tally);
        amount = reward + rebate;
        if (amount == 0) revert NothingToCollect(season, site);
        tally.stage = SiteStage.Collected;
        address owner = tally.owner;
        emit RewardCollected(season, site, owner, reward, rebate);
        credit.safeTransfer(owner, amount);
    }

    /// @inheritdoc ISeasons
    function rewardOf(uint32 season, uint32 site) external view returns (uint256 reward, uint256 rebate) {
        return _share(_totals[season], _sites[season][site]);
    }

    /// @inheritdoc ISeasons
    function setRebatePrices(uint256 lanes) external restricted {
        _setRebatePrices(lanes);
    }

    function _setRebatePrices(uint256 lanes) internal {
        uint256 before;
        for (uint256 tier = 0; tier < TIERS; ++tier) {
            uint256 price = (lanes >> (32 * tier)) & type(uint32).max;
            if (price < before || price > MAX_REBATE_PRICE || (tier == 0 && price != 0)) {
                revert BadParameter("lanes", price);
            }
            before = price;
        }
        rebatePrices = lanes;
        emit RebatePricesSet(lanes);
    }

    /// @dev A site's part of a finished season's pool. Everything is rounded down, so the parts never exceed the pool.
    function _share(
        SeasonTotals storage totals,
        SiteTally storage tally
    ) private view returns (uint256 reward, uint256 rebate) {
        if (!totals.finished) return (0, 0);
        uint256 most = uint256(totals.rebateTicks) * BASE_UNITS_PER_TICK;
        rebate = uint256(tally.importWh) * tally.rebatePrice * BASE_UNITS_PER_TICK;
        if (most > totals.rebates) rebate = Math.mulDiv(rebate, totals.rebates, most);
        if (tally.points == 0) return (0, rebate);
        reward = Math.min(
            Math.mulDiv(totals.pool - totals.rebates, tally.points, totals.points),
            uint256(tally.points) * tally.pointPrice * BASE_UNITS_PER_TICK
        );
    }
}
