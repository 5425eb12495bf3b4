// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @notice Energy credits: at the reference tariff one credit (1e18 base units) buys one kWh.
interface IEnergyCredit is IERC20, IERC20Permit {
    /// @notice Create `amount` base units for `to`. Only the two issuers.
    function mint(address to, uint256 amount) external;

    /// @notice Destroy `amount` base units of the caller's own balance. Only the two issuers.
    function burn(uint256 amount) external;
}
