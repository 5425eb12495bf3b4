// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReadingLeaf} from "../../energy/types/ExchangeTypes.sol";
import {IJobErrors} from "../IJobErrors.sol";
import {IJobEvents} from "../IJobEvents.sol";
import {Seat, UpdateStatus} from "../JobTypes.sol";
import {JobCalls} from "./JobCalls.sol";
import {JobStorage} from "./JobStorage.sol";

/// @notice The energy of a job: proved by readings, each watt-hour once, with its scarcity and its carbon.
library JobEnergy {
    using Checkpoints for Checkpoints.Trace224;

    /// @notice Slots after the end of training in which its energy is proved: two days.
    uint256 internal constant PROOF_SLOTS = 192;
    uint256 private constant SLOT_SECONDS = 900;
    uint256 private constant MAX_MG_PER_WH = 2_000;
    int256 private constant NEUTRAL_PPM = 500_000;
    /// @dev Bit 0 of a leaf's flags.
    uint256 private constant GAP = 1;

    function prove(
        uint256 id,
        uint256 roundNumber,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        uint256 energyWh
    ) external {
        JobStorage.Layout storage $ = JobStorage.load();
        JobStorage.Job storage job = $.jobs[id];
        JobStorage.Round storage round = job.rounds[roundNumber];
        Seat storage seat = _seat(id, roundNumber, round);
        if (leaf.flags & GAP != 0) revert IJobErrors.GapReading(leaf.meter, leaf.slot);
        bool within = leaf.slot >= round.openSlot && leaf.slot <= round.trainedSlot;
        if (leaf.meter != seat.meter || leaf.zone != job.terms.zone || !within) {
            revert IJobErrors.ForeignReading(id, roundNumber, leaf.meter, leaf.slot);
        }
        int256 scarcity = $.exchange.scarcityAt(leaf.zone, leaf.slot);
        uint256 co2Mg = energyWh * $.carbon[leaf.zone].upperLookupRecent(leaf.slot);
        // Draws what the reading has, or refuses: so the sums below fit.
        $.exchange.drawEvidence(leaf, root, proof, energyWh);
        seat.provedWh += uint64(energyWh);
        job.receipt.provedWh += uint64(energyWh);
        job.provedAt[leaf.slot] += energyWh;
        job.receipt.co2Mg += uint128(co2Mg);
        emit IJobEvents.EnergyProved(id, roundNumber, msg.sender, leaf.slot, energyWh, seat.provedWh, scarcity, co2Mg);
        JobCalls.note(
            id,
            seat.site,
            JobCalls.NO_SAMPLE,
            efficiency(scarcity, energyWh, seat.provedWh, job.terms.energyWh)
        );
    }

    function setCarbonIntensity(uint16 zone, uint32 mgPerWh) external {
        if (mgPerWh > MAX_MG_PER_WH) revert IJobErrors.BadTerm("mgPerWh", mgPerWh);
        uint32 slot = uint32(block.timestamp / SLOT_SECONDS + 1);
        JobStorage.load().carbon[zone].push(slot, mgPerWh);
        emit IJobEvents.CarbonIntensitySet(zone, slot, mgPerWh);
    }

    /// @notice Sample of a proof, as `ITrainingJobs.proveEnergy` defines it; divisions round toward zero.
    function efficiency(
        int256 scarcityPpm,
        uint256 energyWh,
        uint256 provedWh,
        uint256 expectedWh
    ) internal pure returns (uint256) {
        int256 expected = int256(expectedWh);
        int256 lean = -scarcityPpm / 2;
        if (lean > NEUTRAL_PPM) lean = NEUTRAL_PPM;
        if (lean < -NEUTRAL_PPM) lean = -NEUTRAL_PPM;
        int256 green = NEUTRAL_PPM + (lean * int256(Math.min(energyWh, expectedWh))) / expected;
        return (uint256(green) * expectedWh) / Math.max(expectedWh, provedWh);
    }

    function _seat(
        uint256 id,
        uint256 roundNumber,
        JobStorage.Round storage round
    ) private view returns (Seat storage seat) {
        uint256 index = round.seatOf[msg.sender];
        uint256 end = (uint256(round.trainedSlot) + 1 + PROOF_SLOTS) * SLOT_SECONDS;
        if (index == 0 || block.timestamp >= end) revert IJobErrors.EnergyClosed(id, roundNumber, msg.sender);
        seat = round.seats[index - 1];
        if (seat.status != UpdateStatus.Valid) revert IJobErrors.EnergyClosed(id, roundNumber, msg.sender);
    }
}
