// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {MeterConfig, MeterStatus, Site} from "../types/ExchangeTypes.sol";
import {MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {Clock} from "./Clock.sol";
import {CompactSignature} from "./CompactSignature.sol";
import {GridLeg} from "./GridLeg.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {Settlement} from "./Settlement.sol";
import {StoragePhysics} from "./StoragePhysics.sol";
import {ZoneMoney} from "./ZoneMoney.sol";

/// @notice Faults of a meter that its own signatures prove. Anybody may hand the proof in; the exchange checks it itself,
/// and nobody judges. A fault cuts the bond of the meter's site once.
library Penalties {
    /// @notice Kinds of a fault, as `Penalised` carries them.
    uint8 internal constant EQUIVOCATION = 1;
    uint8 internal constant IMPOSSIBLE = 2;

    /// @notice A fault costs the meter's part of the required bond divided by this, or what is left of the bond.
    uint256 internal constant CUT_DIVISOR = 2;
    /// @notice The reporter gets the cut divided by this; the rest goes to the season pool.
    uint256 internal constant REWARD_DIVISOR = 4;

    /// @dev What a device key signed.
    struct Signed {
        address meter;
        uint256 importWh;
        uint256 exportWh;
    }

    /// @notice Two readings of one meter and slot with different registers: whichever was settled, the other one lies.
    /// @param domain EIP-712 domain separator of the exchange.
    function reportEquivocation(
        bytes32 domain,
        uint256 zone,
        uint256 slot,
        bytes calldata readingA,
        bytes calldata readingB
    ) external {
        _checkSlot(slot);
        Signed memory a = _read(domain, zone, slot, readingA, 0);
        Signed memory b = _read(domain, zone, slot, readingB, 1);
        bool same = a.importWh == b.importWh && a.exportWh == b.exportWh;
        if (a.meter != b.meter || same) revert IExchangeErrors.NothingProven();
        MeterConfig storage config = _liable(zone, slot, a.meter);
        // A key that was replaced stays liable for what could be settled with it, and for nothing it signs later.
        if (config.status == MeterStatus.Retired && slot > ExchangeStorage.load().words[a.meter].lastSlot()) {
            revert IExchangeErrors.BadMeterStatus(a.meter, uint8(config.status));
        }
        _punish(zone, slot, a.meter, config.site, EQUIVOCATION);
    }

    /// @notice A reading of a slot after the meter's newest settled one whose registers nothing can explain: beyond rated
    /// power times the time in between, or a storage that gave more than it can have held.
    /// @dev A register that went down is no fault: a device that was reset does that, and settlement refuses it.
    function reportImpossible(bytes32 domain, uint256 zone, uint256 slot, bytes calldata reading) external {
        _checkSlot(slot);
        Signed memory signed = _read(domain, zone, slot, reading, 0);
        MeterConfig storage config = _liable(zone, slot, signed.meter);
        if (config.status == MeterStatus.Retired) {
            revert IExchangeErrors.BadMeterStatus(signed.meter, uint8(config.status));
        }
        MeterWord word = ExchangeStorage.load().words[signed.meter];
        if (slot <= word.lastSlot()) revert IExchangeErrors.ReadingTooOld(signed.meter, uint32(slot));
        uint256 limitWh = word.slotLimitWh() * (slot - word.lastSlot());
        uint256 importWh = _max(signed.importWh, word.importWh());
        uint256 exportWh = _max(signed.exportWh, word.exportWh());
        bool beyondPower = importWh - word.importWh() > limitWh || exportWh - word.exportWh() > limitWh;
        bool storing = word.has(MeterWordLib.FLAG_STORAGE);
        if (!beyondPower && !(storing && StoragePhysics.exceeded(config, importWh, exportWh))) {
            revert IExchangeErrors.NothingProven();
        }
        _punish(zone, slot, signed.meter, config.site, IMPOSSIBLE);
    }

    /// @notice Two meters of a site hold positions of one slot on opposite sides: nothing is earned by trading with
    /// oneself, so the reliability of both is neutral at most. It is no fault, and costs no money.
    function reportSelfTrade(address meterA, address meterB, uint256 slot) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        uint256 site = $.configs[meterA].site;
        if (site == 0) revert IExchangeErrors.UnknownMeter(meterA, uint32(slot));
        MeterWord wordA = $.words[meterA];
        MeterWord wordB = $.words[meterB];
        bool opposite =
            _isOpen(wordA, slot) && _isOpen(wordB, slot) && wordA.lane(slot).isSold() != wordB.lane(slot).isSold();
        uint256 neutral = MeterWordLib.NEUTRAL_RELIABILITY;
        bool above = wordA.reliability() > neutral || wordB.reliability() > neutral;
        if ($.configs[meterB].site != site || !opposite || !above) revert IExchangeErrors.NothingProven();
        wordA = wordA.withReliability(_min(wordA.reliability(), neutral));
        wordB = wordB.withReliability(_min(wordB.reliability(), neutral));
        $.words[meterA] = wordA;
        $.words[meterB] = wordB;
        emit IExchangeEvents.SelfTrade(
            uint32(site),
            uint32(slot),
            meterA,
            meterB,
            MeterWord.unwrap(wordA),
            MeterWord.unwrap(wordB)
        );
    }

    /// @dev A bond asked back in a slot leaves 128 slots later, when no proof about that slot or an earlier one is taken.
    function _checkSlot(uint256 slot) private view {
        if (slot > MeterWordLib.MAX_SLOT || slot + Clock.RING <= Clock.slotNow()) {
            revert IExchangeErrors.SlotOutOfRange(slot);
        }
    }

    /// @dev A reading as a batch carries it, with its signer.
    function _read(
        bytes32 domain,
        uint256 zone,
        uint256 slot,
        bytes calldata reading,
        uint256 index
    ) private view returns (Signed memory signed) {
        if (reading.length != Settlement.READING_BYTES) revert IExchangeErrors.BadBatchLength(reading.length);
        signed.importWh = uint40(bytes5(reading[0:5]));
        signed.exportWh = uint40(bytes5(reading[5:10]));
        uint256 offset;
        assembly ("memory-safe") {
            offset := add(reading.offset, 10)
        }
        signed.meter = CompactSignature.recover(
            MarketMessages.digest(domain, MarketMessages.readingStruct(zone, slot, signed.importWh, signed.exportWh)),
            offset,
            index
        );
    }

    /// @dev The signer is, or was, a meter of this zone.
    function _liable(uint256 zone, uint256 slot, address meter) private view returns (MeterConfig storage config) {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        config = $.configs[meter];
        if (config.status == MeterStatus.Unknown) revert IExchangeErrors.UnknownMeter(meter, uint32(slot));
        if ($.sites[config.site].zone != zone) revert IExchangeErrors.WrongZone(meter, uint32(slot));
    }

    function _punish(uint256 zone, uint256 slot, address meter, uint256 siteId, uint8 kind) private {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        bytes32 fault = keccak256(abi.encode(kind, meter, slot));
        if ($.penalised[fault]) revert IExchangeErrors.AlreadyPenalised(fault);
        $.penalised[fault] = true;

        Site storage site = $.sites[siteId];
        uint256 cut = _min(site.bondTicks, GridLeg.bondPart(siteId, meter) / CUT_DIVISOR);
        uint256 reward = cut / REWARD_DIVISOR;
        site.bondTicks -= uint64(cut);
        if (site.faults != type(uint16).max) ++site.faults;
        $.earned[msg.sender] += reward;
        emit IExchangeEvents.Penalised(uint32(siteId), meter, uint32(slot), kind, cut, reward, msg.sender);
        ZoneMoney.accrue(zone, slot, 0, 0, 0, cut - reward);

        uint256 count = site.meters.length;
        for (uint256 i = 0; i < count; ++i) {
            address other = site.meters[i];
            MeterWord word = $.words[other].withTier(0);
            GridLeg.storeSynced(other, other == meter ? word.withReliability(0) : word);
        }
    }

    /// @dev A lane belongs to this slot only if the slot is one of the two after the last read one.
    function _isOpen(MeterWord word, uint256 slot) private pure returns (bool) {
        uint256 last = word.lastSlot();
        return word.isMeter() && last < slot && slot <= last + 2 && word.lane(slot).isOpen();
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
