// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title TestPaymentToken
/// @notice Free money for local chains, with six decimals like most stablecoins. Anybody mints; never deploy it where
/// anything is at stake.
contract TestPaymentToken is ERC20("Test Dollar", "TUSD") {
    /// @notice Create `amount` base units for `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Six, as most stablecoins have.
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
