// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {DemandResponse} from "./DemandResponse.sol";
import {IFlexibilityLedger} from "./IFlexibilityLedger.sol";
import {ISeasonExchange} from "./ISeasonExchange.sol";
import {SeasonBase} from "./SeasonBase.sol";
import {SeasonRewards} from "./SeasonRewards.sol";
import {SeasonTallies} from "./SeasonTallies.sol";

/// @title Seasons
/// @notice The game: points, demand-response events and the reward pool. See `ISeasons`.
///
/// - `SeasonBase`: state, the clock of seasons, who may act for a site.
/// - `SeasonTallies`: enrol, prove, conclude.
/// - `DemandResponse`: events and baselines.
/// - `SeasonRewards`: the pool and its division.
contract Seasons is SeasonTallies, DemandResponse, SeasonRewards {
    /// @param authority_ The access manager.
    /// @param startSlot_ First slot of season 1.
    /// @param seasonSlots_ Slots of a season, 96 to 2,688.
    /// @param claimSlots_ Slots of a claim window, 8 to 960.
    /// @param rebatePrices_ Rebates by tier, see `setRebatePrices`.
    constructor(
        ISeasonExchange exchange_,
        IERC20 credit_,
        IFlexibilityLedger reputation_,
        address authority_,
        uint32 startSlot_,
        uint32 seasonSlots_,
        uint32 claimSlots_,
        uint256 rebatePrices_
    ) SeasonBase(exchange_, credit_, reputation_, startSlot_, seasonSlots_, claimSlots_) AccessManaged(authority_) {
        _setRebatePrices(rebatePrices_);
    }
}
