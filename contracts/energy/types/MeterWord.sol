// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice The one storage word that every trade and every reading of a meter reads and writes.
///
/// ```
///  bits      width  field         meaning
///  0..39       40   importWh      cumulative import register (OBIS 1.8.0)
///  40..79      40   exportWh      cumulative export register (OBIS 2.8.0)
///  80..103     24   lastSlot      newest slot whose reading is settled
///  104..130    27   laneEven      open position of the even one of lastSlot + 1, lastSlot + 2
///  131..157    27   laneOdd       open position of the odd one
///  158..215    58   balanceTicks  prepaid balance (1 tick = 1e9 credit base units)
///  216..227    12   reliability   decaying mean of delivered against traded
///  228..230     3   tier          reputation tier
///  231..235     5   flags         see the FLAG_ constants
///  236..243     8   powerClass    rated power, see `slotLimitWh`
///  244..255    12   zone          zone number, 0 = no such meter
/// ```
/// A lane is `side (2 bits) | energyWh (25 bits)`; side 0 = no position, 1 = bought, 2 = sold.
type MeterWord is uint256;

using MeterWordLib for MeterWord global;

/// @notice An open position of one slot, unpacked from a lane of the meter word.
type Lane is uint256;

using LaneLib for Lane global;

library LaneLib {
    uint256 internal constant BOUGHT = 1;
    uint256 internal constant SOLD = 2;

    /// @dev `energyWh` must be below 2^25; every caller bounds it by the rated power of a slot, below 2^24.
    function make(uint256 side_, uint256 energyWh_) internal pure returns (Lane) {
        return Lane.wrap((side_ << 25) | energyWh_);
    }

    function isOpen(Lane lane) internal pure returns (bool) {
        return Lane.unwrap(lane) != 0;
    }

    function isSold(Lane lane) internal pure returns (bool) {
        return Lane.unwrap(lane) >> 25 == SOLD;
    }

    function energyWh(Lane lane) internal pure returns (uint256) {
        return Lane.unwrap(lane) & 0x1ffffff;
    }
}

library MeterWordLib {
    uint256 internal constant FLAG_SUSPENDED = 1;
    uint256 internal constant FLAG_INDEBTED = 2;
    uint256 internal constant FLAG_BONDED = 4;
    uint256 internal constant FLAG_STORAGE = 8;
    uint256 internal constant FLAG_FEEDER = 16;

    uint256 internal constant MAX_REGISTER_WH = 0xffffffffff;
    uint256 internal constant MAX_BALANCE_TICKS = 0x3ffffffffffffff;
    /// @notice Nothing credits a balance beyond this, so that what placed orders have locked (at most 8 open slots of
    /// 2^48 ticks and their fees) always fits when it comes back.
    uint256 internal constant BALANCE_CEILING = MAX_BALANCE_TICKS - (1 << 52);
    uint256 internal constant MAX_SLOT = 0xffffff;
    uint256 internal constant MAX_ZONE = 0xfff;
    uint256 internal constant MAX_RELIABILITY = 0xfff;
    /// @notice Reliability of a meter that has not traded since it was registered or last given a tier.
    uint256 internal constant NEUTRAL_RELIABILITY = 0x800;
    /// @notice Share of the way to the newest trade that one full trade moves reliability, as a divisor.
    uint256 internal constant RELIABILITY_PACE = 32;
    /// @notice Energy below this part of a slot at rated power weighs less than it is, as a divisor.
    uint256 internal constant LIGHT_TRADE = 16;
    uint256 internal constant MAX_TIER = 7;

    uint256 private constant LAST_SLOT = 80;
    uint256 private constant LANES = 104;
    uint256 private constant LANE_WIDTH = 27;
    uint256 private constant LANE_MASK = 0x7ffffff;
    uint256 private constant BALANCE = 158;
    uint256 private constant RELIABILITY = 216;
    uint256 private constant TIER = 228;
    uint256 private constant FLAGS = 231;
    uint256 private constant POWER_CLASS = 236;
    uint256 private constant ZONE = 244;

    function importWh(MeterWord word) internal pure returns (uint256) {
        return MeterWord.unwrap(word) & MAX_REGISTER_WH;
    }

    function exportWh(MeterWord word) internal pure returns (uint256) {
        return (MeterWord.unwrap(word) >> 40) & MAX_REGISTER_WH;
    }

    function lastSlot(MeterWord word) internal pure returns (uint256) {
        return (MeterWord.unwrap(word) >> LAST_SLOT) & MAX_SLOT;
    }

    /// @notice The lane that holds positions of slots with the parity of `slot`.
    function lane(MeterWord word, uint256 slot) internal pure returns (Lane) {
        return Lane.wrap((MeterWord.unwrap(word) >> laneShift(slot)) & LANE_MASK);
    }

    /// @notice Lowest bit of the lane that holds positions of slots with the parity of `slot`.
    function laneShift(uint256 slot) internal pure returns (uint256) {
        return LANES + LANE_WIDTH * (slot & 1);
    }

    /// @notice Whether any of the two lanes holds a position.
    function hasOpenLane(MeterWord word) internal pure returns (bool) {
        return (MeterWord.unwrap(word) >> LANES) & ((1 << (2 * LANE_WIDTH)) - 1) != 0;
    }

    function balanceTicks(MeterWord word) internal pure returns (uint256) {
        return (MeterWord.unwrap(word) >> BALANCE) & MAX_BALANCE_TICKS;
    }

    function reliability(MeterWord word) internal pure returns (uint256) {
        return (MeterWord.unwrap(word) >> RELIABILITY) & 0xfff;
    }

    /// @notice The word after a trade of `positionWh` of which `meteredWh` flowed in the traded direction.
    ///
    /// Reliability is the decaying mean of delivered against traded, `d = min(position, metered) / position`, in which a
    /// trade weighs `w = position / max(position, metered, slot limit / 16)`, the share of the metered energy that was
    /// traded: `R += w * (d - R) / 32`, truncated toward zero. So trades of next to nothing move it by next to nothing.
    /// 22 trades of full weight leave half of what was there before.
    /// @param positionWh Energy of the trade, not zero.
    function withDelivery(MeterWord word, uint256 positionWh, uint256 meteredWh) internal pure returns (MeterWord) {
        unchecked {
            uint256 before = reliability(word);
            uint256 deliveredWh = positionWh < meteredWh ? positionWh : meteredWh;
            uint256 most = positionWh < meteredWh ? meteredWh : positionWh;
            uint256 least = slotLimitWh(word) / LIGHT_TRADE;
            if (most < least) most = least;
            // Energies are below 2^25 and reliability below 2^12, which is far inside a word.
            int256 change = int256(deliveredWh * MAX_RELIABILITY) - int256(positionWh * before);
            return withReliability(word, uint256(int256(before) + change / int256(most * RELIABILITY_PACE)));
        }
    }

    /// @dev `reliability_` is at most `MAX_RELIABILITY`.
    function withReliability(MeterWord word, uint256 reliability_) internal pure returns (MeterWord) {
        uint256 kept = MeterWord.unwrap(word) & ~(MAX_RELIABILITY << RELIABILITY);
        return MeterWord.wrap(kept | (reliability_ << RELIABILITY));
    }

    function tier(MeterWord word) internal pure returns (uint256) {
        return (MeterWord.unwrap(word) >> TIER) & 7;
    }

    /// @dev `tier_` is at most `MAX_TIER`.
    function withTier(MeterWord word, uint256 tier_) internal pure returns (MeterWord) {
        return MeterWord.wrap((MeterWord.unwrap(word) & ~(MAX_TIER << TIER)) | (tier_ << TIER));
    }

    function flags(MeterWord word) internal pure returns (uint256) {
        return (MeterWord.unwrap(word) >> FLAGS) & 31;
    }

    function has(MeterWord word, uint256 flag) internal pure returns (bool) {
        return MeterWord.unwrap(word) & (flag << FLAGS) != 0;
    }

    function powerClass(MeterWord word) internal pure returns (uint256) {
        return (MeterWord.unwrap(word) >> POWER_CLASS) & 0xff;
    }

    function zone(MeterWord word) internal pure returns (uint256) {
        return MeterWord.unwrap(word) >> ZONE;
    }

    /// @notice Most energy the meter can carry in one slot of 900 s, one direction: `(16 + m) * 2^e * 16` Wh for a
    /// power class `e * 16 + m`, that is a rated power of 1,024 W to 65,011,712 W in steps of at most 6.25 %.
    function slotLimitWh(MeterWord word) internal pure returns (uint256) {
        return classLimitWh((MeterWord.unwrap(word) >> POWER_CLASS) & 0xff);
    }

    function classLimitWh(uint256 class) internal pure returns (uint256) {
        return (16 + (class & 15)) << (4 + (class >> 4));
    }

    function withRegisters(
        MeterWord word,
        uint256 importWh_,
        uint256 exportWh_,
        uint256 lastSlot_
    ) internal pure returns (MeterWord) {
        uint256 kept = (MeterWord.unwrap(word) >> LANES) << LANES;
        return MeterWord.wrap(kept | (lastSlot_ << LAST_SLOT) | (exportWh_ << 40) | importWh_);
    }

    function withLane(MeterWord word, uint256 slot, Lane lane_) internal pure returns (MeterWord) {
        uint256 shift = laneShift(slot);
        return MeterWord.wrap((MeterWord.unwrap(word) & ~(LANE_MASK << shift)) | (Lane.unwrap(lane_) << shift));
    }

    /// @dev The caller has checked `balance_ <= MAX_BALANCE_TICKS`.
    function withBalance(MeterWord word, uint256 balance_) internal pure returns (MeterWord) {
        return MeterWord.wrap((MeterWord.unwrap(word) & ~(MAX_BALANCE_TICKS << BALANCE)) | (balance_ << BALANCE));
    }

    /// @notice The word with a new position and balance, in one go.
    /// @dev The lane of `slot` is empty: the meter's last read slot is the one two before it.
    function withPosition(
        MeterWord word,
        uint256 slot,
        Lane lane_,
        uint256 balance_
    ) internal pure returns (MeterWord) {
        return
            MeterWord.wrap(
                (MeterWord.unwrap(word) & ~(MAX_BALANCE_TICKS << BALANCE)) |
                    (balance_ << BALANCE) |
                    (Lane.unwrap(lane_) << laneShift(slot))
            );
    }

    /// @notice Which bits of a word say that its meter may trade, and how they must be: in this zone, read up to
    /// `lastSlot_`, neither suspended nor indebted nor a feeder, and bonded if it offers.
    function tradingPattern(
        uint256 zone_,
        uint256 lastSlot_,
        bool offers
    ) internal pure returns (uint256 mask, uint256 bits) {
        uint256 bonded = offers ? FLAG_BONDED : 0;
        mask =
            (MAX_ZONE << ZONE) |
            (MAX_SLOT << LAST_SLOT) |
            ((FLAG_SUSPENDED | FLAG_INDEBTED | FLAG_FEEDER | bonded) << FLAGS);
        bits = (zone_ << ZONE) | (lastSlot_ << LAST_SLOT) | (bonded << FLAGS);
    }

    /// @notice Which bits of a word say that a reading of `slot` is an ordinary one, and how they must be: in this zone,
    /// read up to the slot before, neither suspended nor indebted nor storage nor a feeder.
    /// @return mask Those bits, how they must be, and what such a reading leaves as it is.
    function readingPattern(
        uint256 zone_,
        uint256 slot
    ) internal pure returns (uint256 mask, uint256 bits, uint256 kept) {
        uint256 plain = FLAG_SUSPENDED | FLAG_INDEBTED | FLAG_STORAGE | FLAG_FEEDER;
        mask = (MAX_ZONE << ZONE) | (MAX_SLOT << LAST_SLOT) | (plain << FLAGS);
        bits = (zone_ << ZONE) | ((slot - 1) << LAST_SLOT);
        kept = (type(uint256).max << RELIABILITY) | (LANE_MASK << laneShift(slot + 1));
    }

    function withFlag(MeterWord word, uint256 flag, bool on) internal pure returns (MeterWord) {
        uint256 bit = flag << FLAGS;
        uint256 raw = MeterWord.unwrap(word);
        return MeterWord.wrap(on ? raw | bit : raw & ~bit);
    }

    /// @notice The word of a meter at registration: no position, no money, neutral reliability.
    function create(
        uint256 zone_,
        uint256 powerClass_,
        uint256 flags_,
        uint256 lastSlot_,
        uint256 importWh_,
        uint256 exportWh_
    ) internal pure returns (MeterWord) {
        return
            MeterWord.wrap(
                (zone_ << ZONE) |
                    (powerClass_ << POWER_CLASS) |
                    (flags_ << FLAGS) |
                    (NEUTRAL_RELIABILITY << RELIABILITY) |
                    (lastSlot_ << LAST_SLOT) |
                    (exportWh_ << 40) |
                    importWh_
            );
    }

    /// @notice The word without its zone: the address is no longer a meter, everything else stays readable.
    function retired(MeterWord word) internal pure returns (MeterWord) {
        return MeterWord.wrap((MeterWord.unwrap(word) << 12) >> 12);
    }

    function isMeter(MeterWord word) internal pure returns (bool) {
        return MeterWord.unwrap(word) >> ZONE != 0;
    }
}
