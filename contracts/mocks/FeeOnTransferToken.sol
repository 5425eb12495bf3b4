// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A payment token that keeps 1 % of every transfer: what the desk must refuse.
contract FeeOnTransferToken is ERC20("Fee On Transfer", "FEE") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, amount);
        super._update(from, address(0), amount / 100);
        super._update(from, to, amount - amount / 100);
    }
}
