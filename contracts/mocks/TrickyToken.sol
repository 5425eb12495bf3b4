// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A payment token with what tokens in use do now and then: any number of decimals, recipients that are refused,
/// calls into the recipient that use up all gas, a fee on top for the sender, and calls back in the middle of a transfer.
contract TrickyToken is ERC20("Tricky", "TRICK") {
    uint8 private immutable _decimals;

    mapping(address account => bool) public refused;
    mapping(address account => bool) public gasEater;
    uint256 public surcharge;

    address private _target;
    bytes private _call;
    /// @notice What came of the last call back: whether it went through, and what it returned or reverted with.
    bool public succeeded;
    bytes public answer;

    error Refused(address account);

    constructor(uint8 decimals_) {
        _decimals = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setRefused(address account, bool refused_) external {
        refused[account] = refused_;
    }

    function setGasEater(address account, bool eats) external {
        gasEater[account] = eats;
    }

    function setSurcharge(uint256 surcharge_) external {
        surcharge = surcharge_;
    }

    /// @notice Call `target` with `data` in the middle of the next transfer.
    function callBack(address target, bytes calldata data) external {
        (_target, _call) = (target, data);
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (refused[to]) revert Refused(to);
        while (gasEater[to]) {
            // A recipient's hook that never ends.
        }
        super._update(from, to, amount);
        if (from == address(0) || to == address(0)) return;
        if (surcharge != 0 && from.code.length != 0) super._update(from, address(0), surcharge);
        address target = _target;
        if (target == address(0)) return;
        _target = address(0);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, answer) = target.call(_call);
    }
}
