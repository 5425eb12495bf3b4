// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterConfig, MeterKind, MeterStatus} from "../energy/types/ExchangeTypes.sol";
import {MeterWord} from "../energy/types/MeterWord.sol";
import {Components} from "./Components.sol";
import {IReputationSource} from "./IReputationSource.sol";

/// @notice What a site's meters say at a sync. `src/game/samples.ts` is its twin.
library Samples {
    /// @notice Registers of a storage meter when its efficiency was last sampled.
    struct Registers {
        uint40 importWh;
        uint40 exportWh;
        bool known;
    }

    /// @notice What a sync takes from a site's meters.
    struct Result {
        uint256 reliability; // ppm, or `Components.NO_SAMPLE`
        uint256 efficiency; // ppm, or `Components.NO_SAMPLE`
        uint256 ratedWh; // energy of one slot at the site's rated power
        uint256 activeMeters; // feeders excluded
    }

    /// @notice Reliability of a meter that has not traded since it was last put there.
    uint256 private constant NEUTRAL_RELIABILITY = 0x800;
    uint256 private constant MAX_RELIABILITY = 0xfff;
    /// @notice An efficiency sample needs this many times the storage's capacity to have flowed.
    uint256 private constant CAPACITIES = 2;

    /// @notice Take the samples of a site's meters, and note where storage registers stand for the next one.
    function take(
        IReputationSource source,
        address[] memory meters,
        mapping(address meter => Registers) storage noted
    ) internal returns (Result memory result) {
        uint256 least = MAX_RELIABILITY;
        uint256 greatest = 0;
        uint256[4] memory flow; // imported, exported, expected export, capacity
        for (uint256 i = 0; i < meters.length; ++i) {
            MeterConfig memory config = source.meterConfig(meters[i]);
            if (config.status != MeterStatus.Active || config.kind == MeterKind.Feeder) continue;
            MeterWord word = source.meterWord(meters[i]);
            uint256 reliability = word.reliability();
            if (reliability < least) least = reliability;
            if (reliability > greatest) greatest = reliability;
            result.ratedWh += word.slotLimitWh();
            ++result.activeMeters;
            if (config.kind == MeterKind.Storage) _addFlow(flow, noted[meters[i]], word, config);
        }
        result.reliability = _reliability(result.activeMeters, least, greatest);
        result.efficiency = _efficiency(flow);
        bool sampled = result.efficiency != Components.NO_SAMPLE;
        for (uint256 i = 0; i < meters.length; ++i) {
            // A meter that is new, or stands in for another device, counts from here.
            if (sampled || !noted[meters[i]].known) _note(source, meters[i], noted);
        }
    }

    /// @notice What flexible energy is worth as a sample: neutral for none, 1,000,000 for two slots at rated power, so
    /// that a little help never counts for less than no help.
    function contribution(uint256 flexibleWh, uint256 ratedWh) internal pure returns (uint256) {
        if (flexibleWh == 0 || ratedWh == 0) return Components.NO_SAMPLE;
        uint256 whole = 2 * ratedWh;
        if (flexibleWh >= whole) return Components.ONE;
        return Components.NEUTRAL + (flexibleWh * (Components.ONE - Components.NEUTRAL)) / whole;
    }

    /// @dev A site is as reliable as its worst meter; only where none is below neutral does its best one count.
    function _reliability(uint256 meters, uint256 least, uint256 greatest) private pure returns (uint256) {
        if (meters == 0 || (least == NEUTRAL_RELIABILITY && greatest == NEUTRAL_RELIABILITY)) {
            return Components.NO_SAMPLE;
        }
        return ((least < NEUTRAL_RELIABILITY ? least : greatest) * Components.ONE) / MAX_RELIABILITY;
    }

    /// @dev What storage gave back of what its best efficiency would have given.
    function _efficiency(uint256[4] memory flow) private pure returns (uint256) {
        if (flow[2] == 0 || flow[0] + flow[1] < CAPACITIES * flow[3]) return Components.NO_SAMPLE;
        uint256 ratio = (flow[1] * Components.ONE) / flow[2];
        return ratio > Components.ONE ? Components.ONE : ratio;
    }

    function _addFlow(
        uint256[4] memory flow,
        Registers memory noted,
        MeterWord word,
        MeterConfig memory config
    ) private pure {
        flow[3] += config.storageCapacityWh;
        if (!noted.known) return;
        uint256 importedWh = word.importWh() - noted.importWh;
        flow[0] += importedWh;
        flow[1] += word.exportWh() - noted.exportWh;
        flow[2] += (importedWh * config.bestEfficiencyPpm) / Components.ONE;
    }

    function _note(IReputationSource source, address meter, mapping(address meter => Registers) storage noted) private {
        MeterConfig memory config = source.meterConfig(meter);
        if (config.kind != MeterKind.Storage || config.status != MeterStatus.Active) return;
        MeterWord word = source.meterWord(meter);
        noted[meter] = Registers(uint40(word.importWh()), uint40(word.exportWh()), true);
    }
}
