// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IComputeErrors} from "./IComputeErrors.sol";

/// @notice Credits in and out of a contract of the compute market, counted in ticks.
library CreditMoves {
    using SafeERC20 for IERC20;

    uint256 private constant BASE_UNITS_PER_TICK = 1e9;

    function pull(IERC20 credit, address from, uint256 amountTicks) internal {
        credit.safeTransferFrom(from, address(this), amountTicks * BASE_UNITS_PER_TICK);
    }

    function push(IERC20 credit, address to, uint256 amountTicks) internal {
        credit.safeTransfer(to, amountTicks * BASE_UNITS_PER_TICK);
    }

    /// @notice A sum of money that fits; nothing is no amount.
    function plus(uint64 sumTicks, uint256 amountTicks) internal pure returns (uint64) {
        if (amountTicks == 0 || amountTicks > type(uint64).max - sumTicks) {
            revert IComputeErrors.BadParameter("amountTicks", amountTicks);
        }
        return sumTicks + uint64(amountTicks);
    }
}
