// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IComputeExchange} from "./IComputeExchange.sol";
import {Providers} from "./Providers.sol";

/// @title ComputeMarket
/// @notice Providers and their stake.
contract ComputeMarket is Providers {
    constructor(
        IComputeExchange exchange_,
        IERC20 credit_,
        address seasonPool_,
        address authority_
    ) Providers(exchange_, credit_, seasonPool_) AccessManaged(authority_) {}
}
