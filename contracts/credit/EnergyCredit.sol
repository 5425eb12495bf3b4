// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IEnergyCredit} from "./IEnergyCredit.sol";

/// @title EnergyCredit
/// @notice The credit that energy is paid with. A credit is a claim on GRID: see `docs/limits.md`. Only the exchange and
/// the desk create and destroy credits; both are fixed once, by the deployer, and never change.
contract EnergyCredit is ERC20, ERC20Permit, IEnergyCredit {
    /// @notice The caller may not do this.
    error NotIssuer(address caller);
    /// @notice The issuers are fixed already.
    error IssuersFixed();
    /// @notice An issuer must be a contract.
    error NotAContract(address issuer);

    /// @notice From now on `exchange` and `desk` are the only issuers, for ever.
    event IssuersSet(address indexed exchange, address indexed desk);

    address private immutable _deployer;
    address public exchange;
    address public desk;

    constructor() ERC20("Joulework Energy Credit", "JOULE") ERC20Permit("Joulework Energy Credit") {
        _deployer = msg.sender;
    }

    /// @notice Fix the two issuers. Only the deployer, once, as part of the deployment.
    function fixIssuers(address exchange_, address desk_) external {
        if (msg.sender != _deployer) revert NotIssuer(msg.sender);
        if (exchange != address(0)) revert IssuersFixed();
        if (exchange_.code.length == 0) revert NotAContract(exchange_);
        if (desk_.code.length == 0) revert NotAContract(desk_);
        exchange = exchange_;
        desk = desk_;
        emit IssuersSet(exchange_, desk_);
    }

    /// @inheritdoc IEnergyCredit
    function mint(address to, uint256 amount) external onlyIssuer {
        _mint(to, amount);
    }

    /// @inheritdoc IEnergyCredit
    function burn(uint256 amount) external onlyIssuer {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }

    modifier onlyIssuer() {
        if (msg.sender != exchange && msg.sender != desk) revert NotIssuer(msg.sender);
        _;
    }
}
