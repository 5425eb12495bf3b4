// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Components} from "./Components.sol";

/// @notice Samples of settled compute work that wait for a site's next sync. `src/game/samples.ts` is its twin.
library WorkSamples {
    /// @notice Sums of samples, ppm, and how many there are. One word.
    struct Work {
        uint64 contributionSum;
        uint32 contributions;
        uint64 efficiencySum;
        uint32 efficiencies;
    }

    /// @notice Add samples: above 1,000,000 counts as that, `Components.NO_SAMPLE` as none. After 2^32 - 1 of a kind, further
    /// ones of it are lost, so that noting work never fails; the sums fit by then.
    function add(Work storage work, uint256 contributionPpm, uint256 efficiencyPpm) internal {
        if (contributionPpm != Components.NO_SAMPLE && work.contributions != type(uint32).max) {
            work.contributionSum += uint64(capped(contributionPpm));
            ++work.contributions;
        }
        if (efficiencyPpm != Components.NO_SAMPLE && work.efficiencies != type(uint32).max) {
            work.efficiencySum += uint64(capped(efficiencyPpm));
            ++work.efficiencies;
        }
    }

    /// @notice The sample of contribution: the mean quality of the work, and on top what flexible energy gives beyond
    /// neutral; at most 1,000,000. So flexible energy never hurts, while work without quality pulls below neutral.
    function contribution(Work memory work, uint256 flexible) internal pure returns (uint256) {
        if (work.contributions == 0) return flexible;
        uint256 quality = work.contributionSum / work.contributions;
        if (flexible == Components.NO_SAMPLE) return quality;
        uint256 sum = quality + flexible - Components.NEUTRAL;
        return sum > Components.ONE ? Components.ONE : sum;
    }

    /// @notice The sample of efficiency: the mean of the work's and the storage's, or the one that there is.
    function efficiency(Work memory work, uint256 storage_) internal pure returns (uint256) {
        if (work.efficiencies == 0) return storage_;
        uint256 mean = work.efficiencySum / work.efficiencies;
        return storage_ == Components.NO_SAMPLE ? mean : (mean + storage_) / 2;
    }

    /// @notice A sample as it counts.
    function capped(uint256 samplePpm) internal pure returns (uint256) {
        return samplePpm > Components.ONE && samplePpm != Components.NO_SAMPLE ? Components.ONE : samplePpm;
    }
}
