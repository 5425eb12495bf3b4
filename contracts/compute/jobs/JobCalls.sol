// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IEnergyQueueLedger} from "../IEnergyQueueLedger.sol";
import {IJobErrors} from "../IJobErrors.sol";
import {IJobEvents} from "../IJobEvents.sol";
import {IProviders} from "../IProviders.sol";
import {IWorkLedger} from "../../reputation/IWorkLedger.sol";
import {JobStorage} from "./JobStorage.sol";

/// @notice Calls to other contracts on a job's way to its end. A refusal there, as after a role was taken away, is told by
/// an event and passed over: it must not keep a job's money. So that no caller brings one about by giving little gas, a
/// call is made only with more gas than any of them takes.
library JobCalls {
    uint256 internal constant CALL_GAS = 400_000;
    /// @notice No sample of a component, as `IWorkLedger` has it.
    uint256 internal constant NO_SAMPLE = 16_777_215;

    /// @notice Give a bond free again.
    function release(uint256 id, address provider, uint256 amountTicks) internal {
        if (amountTicks == 0) return;
        IProviders providers = JobStorage.load().providers;
        _requireGas();
        try providers.releaseStake(provider, amountTicks) {} catch (bytes memory reason) {
            emit IJobEvents.CallRefused(id, address(providers), IProviders.releaseStake.selector, reason);
        }
    }

    /// @notice Cut a bond. `rewardTicks` of it come to this contract, the rest goes to the season pool.
    /// @return receivedTicks What came in; whoever calls owes it to somebody.
    function cut(
        uint256 id,
        uint256 round,
        address provider,
        uint256 amountTicks,
        uint256 rewardTicks
    ) internal returns (uint256 receivedTicks) {
        if (amountTicks == 0) return 0;
        JobStorage.Layout storage $ = JobStorage.load();
        IProviders providers = $.providers;
        uint256 before = $.credit.balanceOf(address(this));
        _requireGas();
        try providers.slashStake(provider, amountTicks, address(this), rewardTicks) {
            emit IJobEvents.BondCut(id, round, provider, amountTicks);
        } catch (bytes memory reason) {
            emit IJobEvents.CallRefused(id, address(providers), IProviders.slashStake.selector, reason);
        }
        receivedTicks = ($.credit.balanceOf(address(this)) - before) / JobStorage.BASE_UNITS_PER_TICK;
    }

    /// @notice Report settled work of a site.
    function note(uint256 id, uint32 site, uint256 contributionPpm, uint256 efficiencyPpm) internal {
        IWorkLedger ledger = JobStorage.load().reputation;
        _requireGas();
        try ledger.noteWork(site, contributionPpm, efficiencyPpm) {} catch (bytes memory reason) {
            emit IJobEvents.CallRefused(id, address(ledger), IWorkLedger.noteWork.selector, reason);
        }
    }

    /// @notice Say what a job waits with, from now on.
    function queue(uint256 id, JobStorage.Job storage job, uint256 energyWh) internal {
        IEnergyQueueLedger ledger = JobStorage.load().queue;
        bytes32 item = keccak256(abi.encode(block.chainid, address(this), id));
        _requireGas();
        try ledger.setQueued(item, job.terms.zone, job.requester, energyWh, job.heldTicks) {} catch (
            bytes memory reason
        ) {
            emit IJobEvents.CallRefused(id, address(ledger), IEnergyQueueLedger.setQueued.selector, reason);
        }
    }

    function _requireGas() private view {
        if (gasleft() < CALL_GAS) revert IJobErrors.GasTooLow(gasleft(), CALL_GAS);
    }
}
