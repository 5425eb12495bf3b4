// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IEnergyQueue} from "../energy/interfaces/IEnergyQueue.sol";
import {Clock} from "../energy/libraries/Clock.sol";
import {IComputeExchange} from "./IComputeExchange.sol";
import {IEnergyQueueLedger} from "./IEnergyQueueLedger.sol";

/// @title EnergyQueue
/// @notice The energy that jobs and leases wait with, zone by zone, as it stood at each gate opening.
///
/// A gate opens at the start of a slot, so the sums are kept by slot: a change made during slot `n` counts from the gate
/// that opens when `n + 1` starts, and never for one that is open. What a requester may count is bounded at the moment it
/// queues: by what its escrow buys at the import price of the present slot, and, with all else it counts in the zone, by
/// an eighth of the energy that the zone's meters can take in a slot.
contract EnergyQueue is IEnergyQueue, IEnergyQueueLedger, AccessManaged {
    using Checkpoints for Checkpoints.Trace224;

    /// @notice What an item counts. One word.
    struct Item {
        address requester;
        uint16 zone;
        uint64 countedWh;
    }

    /// @notice One requester counts at most this part of a zone's rated energy of a slot.
    uint256 public constant REQUESTER_SHARE = 8;

    /// @notice The exchange whose prices and zones bound what counts.
    IComputeExchange public immutable exchange;

    mapping(address ledger => mapping(bytes32 item => Item)) private _items;
    mapping(uint16 zone => mapping(address requester => uint256 countedWh)) private _counted;
    mapping(uint16 zone => Checkpoints.Trace224) private _sums;

    /// @notice An item waits with `countedWh` of its energy from the next gate opening on; `zoneWh` is the zone's new sum.
    event EnergyQueued(
        bytes32 indexed item,
        uint16 indexed zone,
        address indexed requester,
        uint256 energyWh,
        uint64 countedWh,
        uint256 zoneWh
    );

    constructor(IComputeExchange exchange_, address authority_) AccessManaged(authority_) {
        exchange = exchange_;
    }

    /// @inheritdoc IEnergyQueueLedger
    function setQueued(
        bytes32 item,
        uint16 zone,
        address requester,
        uint256 energyWh,
        uint256 escrowTicks
    ) external restricted {
        Item memory before = _items[msg.sender][item];
        if (before.countedWh != 0) {
            _counted[before.zone][before.requester] -= before.countedWh;
            uint256 left = _change(before.zone, before.countedWh, 0);
            if (before.zone != zone || before.requester != requester) {
                emit EnergyQueued(item, before.zone, before.requester, 0, 0, left);
            }
        }
        // Who ends an item asks the exchange nothing, so nothing there can keep a job from ending.
        uint64 counted = energyWh == 0 ? 0 : _bounded(zone, requester, energyWh, escrowTicks);
        _items[msg.sender][item] = Item(requester, zone, counted);
        _counted[zone][requester] += counted;
        emit EnergyQueued(item, zone, requester, energyWh, counted, _change(zone, 0, counted));
    }

    /// @inheritdoc IEnergyQueue
    function queuedWh(uint16 zone, uint32 slot) external view returns (uint256) {
        if (slot < Clock.GATE_OPEN_SLOTS) return 0;
        return _sums[zone].upperLookupRecent(uint32(slot - Clock.GATE_OPEN_SLOTS));
    }

    /// @notice What an item of a contract counts, watt-hours.
    function countedWh(address ledger, bytes32 item) external view returns (uint256) {
        return _items[ledger][item].countedWh;
    }

    /// @notice What all items of a requester count in a zone now, watt-hours.
    function requesterWh(uint16 zone, address requester) external view returns (uint256) {
        return _counted[zone][requester];
    }

    /// @dev A retail price is never zero.
    function _bounded(
        uint16 zone,
        address requester,
        uint256 energyWh,
        uint256 escrowTicks
    ) private view returns (uint64) {
        (uint24 importPrice, , ) = exchange.tariffAt(zone, uint32(Clock.slotNow()));
        uint256 most = exchange.zoneInfo(zone).ratedWh / REQUESTER_SHARE;
        uint256 used = _counted[zone][requester];
        // The zone may have shrunk since the others were queued.
        uint256 left = most > used ? most - used : 0;
        return uint64(Math.min(Math.min(energyWh, escrowTicks / importPrice), left));
    }

    /// @dev The sum that gates from the next slot's start on see.
    function _change(uint16 zone, uint256 lessWh, uint256 moreWh) private returns (uint256 sumWh) {
        Checkpoints.Trace224 storage sums = _sums[zone];
        sumWh = sums.latest() + moreWh - lessWh;
        if (lessWh != moreWh) sums.push(uint32(Clock.slotNow() + 1), uint224(sumWh));
    }
}
