// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice What stands behind a meter. The order is part of the ABI: append only.
enum MeterKind {
    Feeder,
    Consumer,
    Prosumer,
    Producer,
    Storage
}

/// @notice Energy source of a single-source generator, immutable per meter; `None` for everything else.
enum EnergySource {
    None,
    Solar,
    Wind,
    Hydro,
    Geothermal,
    Biomass,
    Storage
}

/// @notice Clearing rule of a zone.
enum ClearingRule {
    Midpoint,
    Sbba
}

/// @notice Where a meter stands in its life.
enum MeterStatus {
    Unknown,
    Active,
    Suspended,
    Retired
}

/// @notice What a meter is: read on cold paths only.
struct MeterConfig {
    // word 1
    address delegate; // may sign orders for the meter; zero = only the device key
    uint32 site;
    uint32 storageCapacityWh;
    MeterKind kind;
    EnergySource source;
    MeterStatus status;
    // word 2, written in full at registration so that a claim never creates a storage slot
    uint64 claimTicks; // export value that waits for headroom of the grid's mint bound
    uint40 firstImportWh; // registers when the device was put in: storage physics count from here
    uint40 firstExportWh;
    uint24 bestEfficiencyPpm; // best round-trip efficiency of a storage meter
    bool registered;
    uint48 storageAllowanceWh; // what a storage meter may give from there on without taking anything in
}

/// @notice A grid connection point: the unit of identity, bond and debt.
struct Site {
    // word 1
    address owner;
    uint16 zone;
    uint32 nonce; // counts the owner's signed consents
    uint24 unbondingSlot; // slot from whose start `unbondingTicks` may be collected
    // word 2, never zero once registered
    uint64 bondTicks;
    uint64 debtTicks;
    uint64 unbondingTicks;
    bool registered;
    uint16 faults; // proven faults of its meters, see `Penalties`; stays at its largest value
    // word 3
    address[] meters;
}

/// @notice Prices and charges of a zone from a slot on. The two prices are the base that the slot's own prices move
/// around (see `Tariff`); a slot's record holds its own.
struct ZoneTerms {
    uint24 fromSlot; // first slot these terms hold for
    uint24 importPrice; // ticks per Wh, base of the retail backstop
    uint24 exportPrice; // ticks per Wh, base of the feed-in backstop
    uint24 feePpm; // trading fee, of traded value, paid by the buyer
    uint24 networkLocalPrice; // ticks per imported Wh that was traded in the zone
    uint24 networkGridPrice; // ticks per other imported Wh
    uint24 levyPrice; // ticks per imported Wh
    uint24 slopePpm; // how far a scarcity of 1 moves the reference price from its base; 0 = a constant tariff
    uint8 rule; // a `ClearingRule`
}

/// @notice Fixed facts and bounds of a zone, given at creation.
struct ZoneLimits {
    uint24 floorPrice; // least export price ever, paid for gap energy
    uint24 capPrice; // highest import price ever, charged for gap energy
    uint24 exportCapPrice; // highest export price ever, sizes the bond
    uint24 lossPpm; // technical losses the feeder check allows, of the energy that flowed
    uint24 toleranceWh; // absolute tolerance of the feeder check
}

/// @notice Accounts that charges are paid to.
struct ZoneAccounts {
    address network;
    address levy;
    address fee;
    address season;
}

/// @notice Money of a zone that waits to be collected by its accounts, ticks.
struct ZoneAccruals {
    uint64 network;
    uint64 levy;
    uint64 fee;
    uint64 season;
}

/// @notice The meters behind one feeder.
struct Zone {
    // word 1
    uint24 createdSlot;
    uint24 closedThrough; // slots close in order: everything up to this one is closed
    uint24 newestSlot; // newest slot that has a record
    uint16 activeMeters; // active meters, the feeder included
    uint40 ratedWh; // sum of slot limits of active meters, the feeder excluded
    uint128 flagged; // bit slot % 128: that slot is flagged and its inspection has not been ended
    // word 2
    address feeder;
    uint24 shrunkSlot; // slot in which `activeMeters` fell last
    uint24 tariffThrough; // prices are fixed in order: everything up to this slot is
    uint24 referencePrice; // of that slot, ticks per Wh
    // word 3
    ZoneLimits limits;
    // words 4 and 5
    ZoneTerms terms;
    ZoneTerms nextTerms;
    // word 6
    ZoneAccruals accruals;
    // words 7 and 8: the matcher up to and from a slot
    address matcher;
    uint24 nextMatcherSlot;
    address nextMatcher;
    ZoneAccounts accounts;
    uint256[128] tariff; // prices of the newest fixed slots, by slot % 128, see `Tariff`
    uint256[256] scarcity; // published scarcity of the last 4,096 fixed slots, 16 a word
}

/// @notice One slot of one zone; records live in a ring of 128 and are reused. Clearing reads words 1, 3 and 4 and writes
/// the upper part of word 1 alone.
struct SlotRecord {
    // word 1
    uint24 slot; // which slot this record holds now
    uint24 importPrice;
    uint24 exportPrice;
    uint24 levyPrice;
    uint16 readCount; // meters read in time, the feeder included
    uint8 status; // STATUS_ bits of `SlotRecords` and the clearing rule; from here on see `SlotRecords.setCleared`
    uint24 clearingPrice;
    uint16 openPositions; // lanes of this slot that are not settled
    uint40 matchedWh;
    uint56 workTicks; // pays whoever settles or closes the open positions
    // word 2, never zero while the record is used, so that no batch of readings pays for a new storage slot
    uint48 importWh; // sums over the meters read in time, the feeder excluded
    uint48 exportWh;
    uint40 readRatedWh; // sum of their slot limits
    int56 feederWh; // net import of the zone at its feeder
    uint24 networkLocalPrice;
    uint24 networkGridPrice;
    bool used;
    // word 3
    bytes32 bookHash;
    // word 4
    address matcher; // who committed the book
    uint16 bookOrders;
    uint24 feePpm;
    uint16 placedCount; // entries in the list of orders placed and cancelled on chain
}

/// @notice An order placed on chain, or a cancellation where `energyWh` is zero. One word.
struct PlacedOrder {
    address meter;
    uint24 energyWh;
    uint24 limitPrice;
    uint8 side;
}

/// @notice Money on its way out of a meter, until the readings it may stem from are mature.
struct Withdrawal {
    // word 1
    address to;
    uint64 amountTicks;
    uint24 maturitySlot; // collectable when the zone has closed this slot
    // word 2
    uint32 site;
    address meter;
}

/// @notice What a proof leaf of a settled reading says.
struct ReadingLeaf {
    address meter;
    uint16 zone;
    uint32 slot;
    uint64 importWh; // energy since the meter's previous reading, not the register
    uint64 exportWh;
    uint8 flags; // bit 0: gap reading, the energy spans more than this slot
}

/// @notice A meter to be registered.
struct MeterRegistration {
    uint32 site;
    address meter; // address of the device key
    MeterKind kind;
    EnergySource source;
    uint8 powerClass; // see `MeterWord.slotLimitWh`
    uint32 storageCapacityWh; // storage meters only
    uint24 bestEfficiencyPpm; // storage meters only, best round trip
    uint40 importWh; // registers as they stand
    uint40 exportWh;
}

/// @notice A new device, or a new key of the same device, in place of a meter.
struct MeterReplacement {
    address oldMeter;
    address newMeter;
    uint40 finalImportWh; // the old device's registers at the end; the last settled ones if estimated
    uint40 finalExportWh;
    bool estimated;
    uint40 importWh; // the new device's registers; equal to the final ones for a new key of the same device
    uint40 exportWh;
}

/// @notice A signed order with the matcher's receipt for it.
struct ReceiptedOrder {
    uint16 zone;
    uint32 slot;
    uint8 side;
    uint32 energyWh;
    uint32 limitPrice;
    address meter;
    bool delegated; // signed by the meter's delegate
}

/// @notice A site, for reading.
struct SiteView {
    address owner;
    uint16 zone;
    uint32 nonce;
    uint64 bondTicks;
    uint64 debtTicks;
    uint64 unbondingTicks;
    uint24 unbondingSlot;
    uint16 faults;
    uint256 requiredBondTicks;
    address[] meters;
}

/// @notice A zone, for reading.
struct ZoneView {
    uint24 createdSlot;
    uint24 closedThrough;
    uint24 newestSlot;
    uint16 activeMeters;
    uint40 ratedWh;
    uint128 flagged;
    address feeder;
    address matcher; // of the present slot
    ZoneLimits limits;
    ZoneTerms terms;
    ZoneTerms nextTerms;
    ZoneAccruals accruals;
    ZoneAccounts accounts;
    uint24 tariffThrough;
    uint24 referencePrice;
}
