// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {
    MeterConfig,
    MeterKind,
    MeterRegistration,
    MeterReplacement,
    MeterStatus,
    Site,
    Zone
} from "../types/ExchangeTypes.sol";
import {MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {Clock} from "./Clock.sol";
import {Consent} from "./Consent.sol";
import {GridLeg} from "./GridLeg.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {StoragePhysics} from "./StoragePhysics.sol";

/// @notice The life of sites and meters: attested by the registrar, with the owner's and the device's consent.
library MeterRegistry {
    /// @notice Meters a site holds at most; bounds the loops over a site.
    uint256 internal constant MAX_SITE_METERS = 16;

    function registerSite(
        bytes32 domain,
        uint256 zone,
        address owner,
        bytes calldata ownerSignature
    ) external returns (uint32 siteId) {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        SlotRecords.zoneOf(zone);
        siteId = ++$.siteCount;
        Consent.require_(
            domain,
            keccak256(abi.encode(MarketMessages.SITE_CONSENT_TYPEHASH, siteId, owner, zone)),
            owner,
            ownerSignature
        );
        Site storage site = $.sites[siteId];
        site.owner = owner;
        site.zone = uint16(zone);
        site.registered = true;
        emit IExchangeEvents.SiteRegistered(siteId, owner, uint16(zone));
    }

    function registerMeter(
        bytes32 domain,
        MeterRegistration calldata r,
        bytes calldata ownerSignature,
        bytes calldata deviceSignature
    ) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        Site storage site = _site(r.site);
        if ($.configs[r.meter].status != MeterStatus.Unknown || r.meter == address(0)) {
            revert IExchangeErrors.MeterAlreadyRegistered(r.meter);
        }
        if (site.meters.length == MAX_SITE_METERS) revert IExchangeErrors.TooManyMeters(MAX_SITE_METERS);
        _checkStorage(r);
        bytes32 structHash = keccak256(
            abi.encode(
                MarketMessages.METER_CONSENT_TYPEHASH,
                r.site,
                r.meter,
                r.kind,
                r.source,
                r.powerClass,
                r.storageCapacityWh,
                r.bestEfficiencyPpm,
                r.importWh,
                r.exportWh
            )
        );
        Consent.require_(domain, structHash, site.owner, ownerSignature);
        Consent.require_(domain, structHash, r.meter, deviceSignature);

        MeterConfig storage config = $.configs[r.meter];
        config.site = r.site;
        config.kind = r.kind;
        config.source = r.source;
        config.status = MeterStatus.Active;
        config.storageCapacityWh = r.storageCapacityWh;
        config.bestEfficiencyPpm = r.bestEfficiencyPpm;
        config.firstImportWh = r.importWh;
        config.firstExportWh = r.exportWh;
        config.registered = true;
        config.storageAllowanceWh = r.storageCapacityWh;
        site.meters.push(r.meter);

        uint256 flags;
        if (r.kind == MeterKind.Storage) flags = MeterWordLib.FLAG_STORAGE;
        if (r.kind == MeterKind.Feeder) {
            flags = MeterWordLib.FLAG_FEEDER;
            Zone storage z = $.zones[site.zone];
            if (z.feeder != address(0)) revert IExchangeErrors.TooManyMeters(1);
            z.feeder = r.meter;
        }
        // The slot under way is the first one the meter can be read for.
        MeterWord word = MeterWordLib.create(
            site.zone,
            r.powerClass,
            flags,
            Clock.slotNow() - 1,
            r.importWh,
            r.exportWh
        );
        $.words[r.meter] = word;
        word = GridLeg.syncFlags(r.meter, word);
        $.words[r.meter] = word;
        _count(site.zone, word, true);
        emit IExchangeEvents.MeterRegistered(
            r.meter,
            r.site,
            r.kind,
            r.source,
            r.storageCapacityWh,
            r.bestEfficiencyPpm,
            MeterWord.unwrap(word)
        );
        // A meter that may export raises the bond that the site's other meters need.
        if (GridLeg.mayExport(r.kind)) _syncOthers(site, r.meter);
    }

    /// @notice Replace a device, or rotate its key. Balance and history are carried over; energy between the last settled
    /// and the final registers is settled as a gap when the final ones are signed by the old device and submitted first.
    function replaceMeter(
        bytes32 domain,
        MeterReplacement calldata r,
        bytes calldata ownerSignature,
        bytes calldata deviceSignature
    ) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        MeterConfig storage old = _active(r.oldMeter);
        Site storage site = $.sites[old.site];
        MeterWord word = $.words[r.oldMeter];
        if (word.hasOpenLane()) revert IExchangeErrors.OpenPosition(r.oldMeter);
        if ($.configs[r.newMeter].status != MeterStatus.Unknown || r.newMeter == address(0)) {
            revert IExchangeErrors.MeterAlreadyRegistered(r.newMeter);
        }
        // Unsettled energy would be lost: a final reading goes through settlement, an estimate is the last settled one.
        if (r.finalImportWh != word.importWh() || r.finalExportWh != word.exportWh()) {
            revert IExchangeErrors.BadParameter("finalImportWh", r.finalImportWh);
        }
        bytes32 structHash = keccak256(
            abi.encode(
                MarketMessages.REPLACEMENT_TYPEHASH,
                r.oldMeter,
                r.newMeter,
                r.finalImportWh,
                r.finalExportWh,
                r.estimated,
                r.importWh,
                r.exportWh,
                site.nonce
            )
        );
        Consent.require_(domain, structHash, site.owner, ownerSignature);
        Consent.require_(domain, structHash, r.newMeter, deviceSignature);
        ++site.nonce;

        MeterConfig storage config = $.configs[r.newMeter];
        config.delegate = old.delegate;
        config.site = old.site;
        config.kind = old.kind;
        config.source = old.source;
        config.status = MeterStatus.Active;
        config.storageCapacityWh = old.storageCapacityWh;
        config.bestEfficiencyPpm = old.bestEfficiencyPpm;
        config.claimTicks = old.claimTicks;
        config.firstImportWh = r.importWh;
        config.firstExportWh = r.exportWh;
        if (old.kind == MeterKind.Storage) {
            // What the storage took and gave so far still counts.
            config.storageAllowanceWh = StoragePhysics.allowanceWh(old, r.finalImportWh, r.finalExportWh);
        }
        config.registered = true;
        old.status = MeterStatus.Retired;
        old.claimTicks = 0;
        _swap(site, r.oldMeter, r.newMeter);
        if ($.zones[site.zone].feeder == r.oldMeter) $.zones[site.zone].feeder = r.newMeter;

        MeterWord newWord = word.withRegisters(r.importWh, r.exportWh, word.lastSlot());
        MeterWord oldWord = word.withBalance(0).retired();
        $.words[r.newMeter] = newWord;
        $.words[r.oldMeter] = oldWord;
        emit IExchangeEvents.MeterReplaced(
            r.oldMeter,
            r.newMeter,
            r.finalImportWh,
            r.finalExportWh,
            r.estimated,
            MeterWord.unwrap(oldWord),
            MeterWord.unwrap(newWord)
        );
    }

    function suspend(address meter) external {
        _active(meter).status = MeterStatus.Suspended;
        _setSuspended(meter, true);
    }

    function reinstate(address meter) external {
        MeterConfig storage config = ExchangeStorage.load().configs[meter];
        if (config.status != MeterStatus.Suspended) {
            revert IExchangeErrors.BadMeterStatus(meter, uint8(config.status));
        }
        config.status = MeterStatus.Active;
        _setSuspended(meter, false);
    }

    /// @notice Moving out: the meter is retired with its last settled registers. Its balance has been withdrawn or moved
    /// and its claim been paid before, so that nothing is left behind.
    function retire(address meter) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        MeterConfig storage config = _active(meter);
        MeterWord word = $.words[meter];
        if (word.hasOpenLane()) revert IExchangeErrors.OpenPosition(meter);
        Site storage site = $.sites[config.site];
        if (word.balanceTicks() != 0) revert IExchangeErrors.AmountTooLarge(0, word.balanceTicks());
        if (config.claimTicks != 0) revert IExchangeErrors.AmountTooLarge(0, config.claimTicks);
        config.status = MeterStatus.Retired;
        _count(site.zone, word, false);
        if ($.zones[site.zone].feeder == meter) $.zones[site.zone].feeder = address(0);
        uint256 last = site.meters.length - 1;
        _swap(site, meter, site.meters[last]);
        site.meters.pop();
        word = word.retired();
        $.words[meter] = word;
        emit IExchangeEvents.MeterStatusChanged(meter, uint8(MeterStatus.Retired), MeterWord.unwrap(word));
    }

    /// @notice Change of owner, with the signatures of the owner and of the new owner. Delegates are revoked: the new owner
    /// named none of them.
    function transferSite(
        bytes32 domain,
        uint256 siteId,
        address newOwner,
        bytes calldata ownerSignature,
        bytes calldata newOwnerSignature
    ) external {
        Site storage site = _site(siteId);
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        for (uint256 i = 0; i < site.meters.length; ++i) {
            address meter = site.meters[i];
            if ($.words[meter].hasOpenLane()) revert IExchangeErrors.OpenPosition(meter);
            if ($.configs[meter].delegate == address(0)) continue;
            $.configs[meter].delegate = address(0);
            emit IExchangeEvents.DelegateSet(meter, address(0));
        }
        bytes32 structHash = keccak256(abi.encode(MarketMessages.SITE_TRANSFER_TYPEHASH, siteId, newOwner, site.nonce));
        address owner = site.owner;
        Consent.require_(domain, structHash, owner, ownerSignature);
        Consent.require_(domain, structHash, newOwner, newOwnerSignature);
        ++site.nonce;
        site.owner = newOwner;
        emit IExchangeEvents.SiteTransferred(uint32(siteId), owner, newOwner);
    }

    /// @notice Name who may sign orders for the meter besides its device key; zero revokes. Owner only.
    function setDelegate(address meter, address delegate) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        MeterConfig storage config = $.configs[meter];
        if (msg.sender != $.sites[config.site].owner) revert IExchangeErrors.NotEntitled(msg.sender);
        config.delegate = delegate;
        emit IExchangeEvents.DelegateSet(meter, delegate);
    }

    /// @notice Bring a meter's debt and bond flags up to date with its site. Anybody.
    function sync(address meter) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        MeterWord word = $.words[meter];
        if (!word.isMeter()) revert IExchangeErrors.UnknownMeter(meter, 0);
        GridLeg.storeSynced(meter, word);
    }

    /// @notice Set the tier of all meters of a site and put their reliability back to neutral. Reputation has read the
    /// reliability before, and counts anew from here.
    function setTier(uint256 siteId, uint256 tier) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        Site storage site = _site(siteId);
        if (tier > MeterWordLib.MAX_TIER) revert IExchangeErrors.BadParameter("tier", tier);
        for (uint256 i = 0; i < site.meters.length; ++i) {
            address meter = site.meters[i];
            $.words[meter] = $.words[meter].withReliability(MeterWordLib.NEUTRAL_RELIABILITY).withTier(tier);
        }
        emit IExchangeEvents.TierSet(uint32(siteId), uint8(tier));
    }

    function _site(uint256 siteId) private view returns (Site storage site) {
        site = ExchangeStorage.load().sites[siteId];
        if (!site.registered) revert IExchangeErrors.UnknownSite(siteId);
    }

    function _active(address meter) private view returns (MeterConfig storage config) {
        config = ExchangeStorage.load().configs[meter];
        if (config.status != MeterStatus.Active) revert IExchangeErrors.BadMeterStatus(meter, uint8(config.status));
    }

    function _checkStorage(MeterRegistration calldata r) private pure {
        bool storing = r.kind == MeterKind.Storage;
        if (storing != (r.storageCapacityWh != 0)) {
            revert IExchangeErrors.BadParameter("storageCapacityWh", r.storageCapacityWh);
        }
        bool plausible =
            storing ? r.bestEfficiencyPpm != 0 && r.bestEfficiencyPpm <= 1_000_000 : r.bestEfficiencyPpm == 0;
        if (!plausible) revert IExchangeErrors.BadParameter("bestEfficiencyPpm", r.bestEfficiencyPpm);
    }

    function _setSuspended(address meter, bool on) private {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        MeterWord word = $.words[meter].withFlag(MeterWordLib.FLAG_SUSPENDED, on);
        $.words[meter] = word;
        _count(word.zone(), word, !on);
        emit IExchangeEvents.MeterStatusChanged(meter, uint8($.configs[meter].status), MeterWord.unwrap(word));
    }

    /// @dev Keep the zone's number of active meters and their rated energy.
    function _count(uint256 zone, MeterWord word, bool added) private {
        Zone storage z = ExchangeStorage.load().zones[zone];
        uint40 ratedWh = word.has(MeterWordLib.FLAG_FEEDER) ? 0 : uint40(word.slotLimitWh());
        if (added) {
            ++z.activeMeters;
            z.ratedWh += ratedWh;
        } else {
            --z.activeMeters;
            z.shrunkSlot = uint24(Clock.slotNow());
            z.ratedWh -= ratedWh;
        }
    }

    function _syncOthers(Site storage site, address meter) private {
        for (uint256 i = 0; i < site.meters.length; ++i) {
            address other = site.meters[i];
            if (other != meter) GridLeg.storeSynced(other, ExchangeStorage.load().words[other]);
        }
    }

    function _swap(Site storage site, address from, address to) private {
        uint256 i;
        while (site.meters[i] != from) ++i;
        site.meters[i] = to;
    }
}
