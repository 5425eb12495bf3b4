// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterWord} from "./types/MeterWord.sol";
import {MeterConfig, PlacedOrder, Site, SlotRecord, Withdrawal, Zone} from "./types/ExchangeTypes.sol";
import {IEnergyCredit} from "../credit/IEnergyCredit.sol";
import {IMintBound} from "../credit/IMintBound.sol";

/// @notice The exchange's whole state, in one place (ERC-7201), so that linked libraries work on it directly.
library ExchangeStorage {
    /// @custom:storage-location erc7201:joulework.exchange
    struct Layout {
        mapping(address meter => MeterWord word) words;
        mapping(address meter => MeterConfig config) configs;
        mapping(uint256 site => Site) sites;
        uint32 siteCount;
        mapping(uint256 zone => Zone) zones;
        mapping(uint256 zone => SlotRecord[128] ring) records;
        mapping(uint256 zone => mapping(uint256 ringIndex => PlacedOrder[64])) placed;
        mapping(uint256 id => Withdrawal) withdrawals;
        uint256 withdrawalCount;
        mapping(address worker => uint256 ticks) earned;
        mapping(address matcher => MatcherBond) matcherBonds;
        mapping(bytes32 fault => bool) penalised;
        mapping(bytes32 root => bool) roots;
        mapping(address meter => mapping(uint256 slot => Evidence)) evidence;
        IEnergyCredit credit;
        IMintBound mintBound;
        TierDiscounts tierDiscounts;
        address energyQueue; // knows the queued training energy, see `Tariff`
        uint24 energyQueueFrom; // first slot whose price asks it
    }

    /// @notice What buyers pay less of the trading fee, in ppm of it: a lane of 32 bits a tier, see `TierFees`.
    struct TierDiscounts {
        uint256 lanes;
    }

    /// @notice Bond of a matcher; it stays liable until `unlockSlot` after asking for it back.
    struct MatcherBond {
        uint64 ticks;
        uint24 unlockSlot; // 0 = not unbonding
    }

    /// @notice What became of a reading as evidence.
    struct Evidence {
        uint64 usedWh; // imported energy that was used
        bool void;
        bool certified; // certificates were issued for the exported energy
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("joulework.exchange")) - 1)) & ~bytes32(uint256(0xff));
    /// a test recomputes it.
    bytes32 internal constant SLOT = 0x63d5e0b78c5ae97130ca73d868fa80ee61db26da63e46993bb1dada5f8e1d900;

    /// @notice Storage slot of the mapping `words`, the first member, for code that hashes its keys itself.
    function wordsSlot() internal pure returns (bytes32) {
        return SLOT;
    }

    function load() internal pure returns (Layout storage $) {
        bytes32 slot = SLOT;
        assembly ("memory-safe") {
            $.slot := slot
        }
    }
}
