// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IReputation} from "../reputation/IReputation.sol";

/// @title HandOver
/// @notice Ends the founding council's rule. Until then this contract alone holds ADMIN of the access manager: the
/// council, which holds GOVERNOR, names the holders of the other roles through it and can never name a second governor
/// or an administrator. Once enough sites have votes, anybody completes the hand-over, for good.
contract HandOver is AccessManaged {
    uint64 private constant ADMIN = 0;
    uint64 private constant GOVERNOR = 1;

    /// @notice ADMIN and GOVERNOR are handed over by `complete` alone.
    error RoleKept(uint64 role);
    /// @notice A hand-over needs at least one site with votes, a council and a timelock.
    error BadHandOver(address council, address timelock, uint256 threshold);
    /// @notice Fewer sites have votes than the hand-over needs.
    error TooFewVotingSites(uint256 votingSites, uint256 threshold);
    /// @notice The hand-over has been completed: roles are the community's now.
    error AlreadyHandedOver();

    /// @notice ADMIN and GOVERNOR went from the council to the timelock.
    event HandedOver(address indexed council, address indexed timelock, uint256 votingSites);

    IReputation public immutable reputation;
    /// @notice Holds GOVERNOR until the hand-over.
    address public immutable council;
    /// @notice Gets ADMIN and GOVERNOR at the hand-over.
    address public immutable timelock;
    /// @notice How many sites must have votes.
    uint256 public immutable threshold;
    /// @notice Whether it is done.
    bool public completed;

    constructor(
        address authority_,
        IReputation reputation_,
        address council_,
        address timelock_,
        uint256 threshold_
    ) AccessManaged(authority_) {
        if (council_ == address(0) || timelock_ == address(0) || council_ == timelock_ || threshold_ == 0) {
            revert BadHandOver(council_, timelock_, threshold_);
        }
        reputation = reputation_;
        council = council_;
        timelock = timelock_;
        threshold = threshold_;
    }

    /// @notice Give a role to an account before the hand-over, with a delay in seconds on what it does. Role: GOVERNOR.
    /// @dev Errors: `AlreadyHandedOver`, `RoleKept` for ADMIN and GOVERNOR.
    function grantRole(uint64 role, address account, uint32 executionDelay) external restricted {
        _requireOpen(role);
        IAccessManager(authority()).grantRole(role, account, executionDelay);
    }

    /// @notice Take a role from an account before the hand-over. Role: GOVERNOR.
    /// @dev Errors: `AlreadyHandedOver`, `RoleKept` for ADMIN and GOVERNOR.
    function revokeRole(uint64 role, address account) external restricted {
        _requireOpen(role);
        IAccessManager(authority()).revokeRole(role, account);
    }

    /// @notice Give ADMIN and GOVERNOR to the timelock, take GOVERNOR from the council and ADMIN from this contract.
    /// Anybody, once. Nothing takes it back but a decision by votes.
    /// @dev Errors: `AlreadyHandedOver`, `TooFewVotingSites`.
    function complete() external {
        if (completed) revert AlreadyHandedOver();
        uint256 sites = reputation.votingSites();
        if (sites < threshold) revert TooFewVotingSites(sites, threshold);
        completed = true;
        emit HandedOver(council, timelock, sites);
        IAccessManager manager = IAccessManager(authority());
        manager.grantRole(ADMIN, timelock, 0);
        manager.grantRole(GOVERNOR, timelock, 0);
        manager.revokeRole(GOVERNOR, council);
        manager.revokeRole(ADMIN, council);
        manager.renounceRole(ADMIN, address(this));
    }

    function _requireOpen(uint64 role) private view {
        if (completed) revert AlreadyHandedOver();
        if (role == ADMIN || role == GOVERNOR) revert RoleKept(role);
    }
}
