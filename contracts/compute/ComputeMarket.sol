// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IComputeExchange} from "./IComputeExchange.sol";
import {IEnergyQueueLedger} from "./IEnergyQueueLedger.sol";
import {IProviderRegistry} from "./IProviderRegistry.sol";
import {IQueueRank} from "./IQueueRank.sol";
import {LeaseRequests} from "./LeaseRequests.sol";
import {Leases} from "./Leases.sol";
import {Offers} from "./Offers.sol";

/// @title ComputeMarket
/// @notice Compute by the hour, paid by metered use. See `IComputeMarket`.
///
/// - `Offers`: state, offers, what the market owes to whom.
/// - `LeaseRequests`: who waits for capacity, and in which order.
/// - `Leases`: use, pay, objections, pauses and the end.
///
/// Credits held = escrows + pay that is not settled + what is earned and not collected. Stake is with `Providers`.
contract ComputeMarket is Leases {
    constructor(
        IComputeExchange exchange_,
        IERC20 credit_,
        IProviderRegistry providers_,
        IQueueRank reputation_,
        IEnergyQueueLedger energyQueue_,
        address seasonPool_
    ) Offers(exchange_, credit_, providers_, seasonPool_) LeaseRequests(reputation_, energyQueue_) {}
}
