// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Lane, LaneLib, MeterWord, MeterWordLib} from "../energy/types/MeterWord.sol";

/// @notice Getters and setters of the packed meter word beside a plain struct, for tests alone.
contract MeterWordHarness {
    /// @notice The word's fields, a word each.
    struct Fields {
        uint256 importWh;
        uint256 exportWh;
        uint256 lastSlot;
        uint256 laneEven;
        uint256 laneOdd;
        uint256 balanceTicks;
        uint256 reliability;
        uint256 tier;
        uint256 flags;
        uint256 powerClass;
        uint256 zone;
    }

    function read(MeterWord word) public pure returns (Fields memory fields) {
        fields.importWh = word.importWh();
        fields.exportWh = word.exportWh();
        fields.lastSlot = word.lastSlot();
        fields.laneEven = Lane.unwrap(word.lane(0));
        fields.laneOdd = Lane.unwrap(word.lane(1));
        fields.balanceTicks = word.balanceTicks();
        fields.reliability = word.reliability();
        fields.tier = word.tier();
        fields.flags = word.flags();
        fields.powerClass = word.powerClass();
        fields.zone = word.zone();
    }

    /// @notice Facts that the word itself answers.
    function facts(
        MeterWord word,
        uint256 flag
    ) external pure returns (bool isMeter, bool hasOpenLane, bool hasFlag, uint256 slotLimitWh) {
        return (word.isMeter(), word.hasOpenLane(), word.has(flag), word.slotLimitWh());
    }

    function lane(
        uint256 side,
        uint256 energyWh
    ) external pure returns (uint256 raw, bool open, bool sold, uint256 wh) {
        Lane made = LaneLib.make(side, energyWh);
        return (Lane.unwrap(made), made.isOpen(), made.isSold(), made.energyWh());
    }

    function withDelivery(MeterWord word, uint256 positionWh, uint256 meteredWh) external pure returns (Fields memory) {
        return read(word.withDelivery(positionWh, meteredWh));
    }

    function withRegisters(
        MeterWord word,
        uint256 importWh,
        uint256 exportWh,
        uint256 lastSlot
    ) external pure returns (Fields memory) {
        return read(word.withRegisters(importWh, exportWh, lastSlot));
    }

    function withLane(MeterWord word, uint256 slot, uint256 raw) external pure returns (Fields memory) {
        return read(word.withLane(slot, Lane.wrap(raw)));
    }

    function withBalance(MeterWord word, uint256 balanceTicks) external pure returns (Fields memory) {
        return read(word.withBalance(balanceTicks));
    }

    function withPosition(
        MeterWord word,
        uint256 slot,
        uint256 raw,
        uint256 balanceTicks
    ) external pure returns (Fields memory) {
        return read(word.withPosition(slot, Lane.wrap(raw), balanceTicks));
    }

    function withFlag(MeterWord word, uint256 flag, bool on) external pure returns (Fields memory) {
        return read(word.withFlag(flag, on));
    }

    function retired(MeterWord word) external pure returns (Fields memory) {
        return read(word.retired());
    }

    function create(
        uint256 zone,
        uint256 powerClass,
        uint256 flags,
        uint256 lastSlot,
        uint256 importWh,
        uint256 exportWh
    ) external pure returns (Fields memory) {
        return read(MeterWordLib.create(zone, powerClass, flags, lastSlot, importWh, exportWh));
    }

    /// @notice Whether the word has the pattern of a meter that may trade.
    function mayTrade(MeterWord word, uint256 zone, uint256 lastSlot, bool offers) external pure returns (bool) {
        (uint256 mask, uint256 bits) = MeterWordLib.tradingPattern(zone, lastSlot, offers);
        return MeterWord.unwrap(word) & mask == bits;
    }
}
