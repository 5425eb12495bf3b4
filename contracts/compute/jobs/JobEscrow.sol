// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IJobErrors} from "../IJobErrors.sol";
import {IJobEvents} from "../IJobEvents.sol";
import {JobStorage} from "./JobStorage.sol";

/// @notice The money of all jobs, ticks: what comes in is held for a job, moves to accounts, and leaves by their collecting.
/// At every moment `totalHeld` = escrow of jobs + what is held for accounts, and the contract has that much.
library JobEscrow {
    using SafeERC20 for IERC20;

    /// @notice Take a job's budget from its requester.
    function fund(JobStorage.Job storage job, address from, uint64 amountTicks) internal {
        JobStorage.Layout storage $ = JobStorage.load();
        job.heldTicks = amountTicks;
        $.totalHeld += amountTicks;
        $.credit.safeTransferFrom(from, address(this), amountTicks * JobStorage.BASE_UNITS_PER_TICK);
    }

    /// @notice Hold escrow of a job for an account.
    function assign(JobStorage.Job storage job, address account, uint256 amountTicks) internal {
        job.heldTicks -= uint64(amountTicks);
        JobStorage.load().held[account] += amountTicks;
    }

    /// @notice Hold what came in from a cut bond for an account.
    function credit(address account, uint256 amountTicks) internal {
        JobStorage.Layout storage $ = JobStorage.load();
        $.totalHeld += amountTicks;
        $.held[account] += amountTicks;
    }

    /// @notice Reward an account from a bond that was cut.
    function reward(uint256 id, JobStorage.Job storage job, address account, uint256 amountTicks) internal {
        if (amountTicks == 0) return;
        credit(account, amountTicks);
        emit IJobEvents.RewardPaid(id, job.round, account, amountTicks);
    }

    /// @notice Give escrow back.
    function refund(uint256 id, JobStorage.Job storage job, uint256 amountTicks) internal {
        if (amountTicks == 0) return;
        assign(job, job.requester, amountTicks);
        job.receipt.refundedTicks += uint64(amountTicks);
        emit IJobEvents.Refunded(id, job.round, job.requester, amountTicks);
    }

    /// @notice Pay the caller what is held for it.
    function collect(address to) internal returns (uint256 amountTicks) {
        if (to == address(0)) revert IJobErrors.BadTerm("to", 0);
        JobStorage.Layout storage $ = JobStorage.load();
        amountTicks = $.held[msg.sender];
        if (amountTicks == 0) revert IJobErrors.NothingHeld(msg.sender);
        $.held[msg.sender] = 0;
        $.totalHeld -= amountTicks;
        emit IJobEvents.Collected(msg.sender, to, amountTicks);
        $.credit.safeTransfer(to, amountTicks * JobStorage.BASE_UNITS_PER_TICK);
    }
}
