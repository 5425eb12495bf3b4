// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IEnergyCredit} from "../../credit/IEnergyCredit.sol";

/// @notice Credits in and out of the exchange, counted in ticks.
library TokenMoves {
    using SafeERC20 for IEnergyCredit;

    uint256 internal constant BASE_UNITS_PER_TICK = 1e9;

    function pull(address from, uint256 amountTicks) internal {
        ExchangeStorage.load().credit.safeTransferFrom(from, address(this), amountTicks * BASE_UNITS_PER_TICK);
    }

    function push(address to, uint256 amountTicks) internal {
        ExchangeStorage.load().credit.safeTransfer(to, amountTicks * BASE_UNITS_PER_TICK);
    }

    function burn(uint256 amountTicks) internal {
        if (amountTicks != 0) ExchangeStorage.load().credit.burn(amountTicks * BASE_UNITS_PER_TICK);
    }
}
