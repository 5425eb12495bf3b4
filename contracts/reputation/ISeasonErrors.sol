// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Every reason for which the seasons refuse something; `docs/errors.md` says for each what to do.
interface ISeasonErrors {
    /// @notice The caller is neither the site's owner nor the agent that the owner names.
    error NotEntitled(address caller);
    /// @notice A parameter is outside its bounds.
    error BadParameter(bytes32 name, uint256 value);

    /// @notice The season is not the one under way or the next one, so nobody can enrol in it.
    error EnrolmentClosed(uint32 season);
    /// @notice The season is still under way.
    error SeasonRunning(uint32 season);
    /// @notice The season's window for proofs and conclusions is over, or was never.
    error ClaimsClosed(uint32 season);
    /// @notice The season's window for proofs and conclusions is still open.
    error ClaimsOpen(uint32 season);
    /// @notice The season has been finished.
    error AlreadyFinished(uint32 season);
    /// @notice The season's rewards are not paid: it was not finished, or the next season's claims have ended.
    error PayoutClosed(uint32 season);

    /// @notice The site is enrolled and no meter has joined it since.
    error AlreadyEnrolled(uint32 season, uint32 site);
    /// @notice The site has no meter that can take part.
    error NoMeters(uint32 site);
    /// @notice The site is not in the stage that this needs; `stage` is a `SiteStage`.
    error WrongStage(uint32 season, uint32 site, uint8 stage);
    /// @notice The meter is not one of the site's, or is a feeder's, or is not retired where a former one is asked for.
    error ForeignMeter(address meter, uint32 site);
    /// @notice A reading of this slot or a later one was proved, or its energy flowed before the meter's part began.
    error ReadingOutOfOrder(address meter, uint32 slot, uint32 provedThrough);
    /// @notice The reading spans more than its slot, so no scarcity belongs to it.
    error GapReading(address meter, uint32 slot);
    /// @notice The meter has not been read up to `slot`, the season's last one.
    error MeterUnread(address meter, uint32 slot);
    /// @notice Meters that were enrolled are neither the site's now nor named as former ones.
    error MetersMissing(uint32 site, uint256 enrolled, uint256 found);

    /// @notice An event may be called from 8 to 95 slots ahead and lies in one season.
    error EventOutOfRange(uint32 slot);
    /// @notice The slot, or the same quarter hour of the comparable day before, is an event already.
    error EventTooSoon(uint16 zone, uint32 slot);
    /// @notice There is no such event, or the slot is not one of it.
    error UnknownEvent(uint256 eventId, uint32 slot);
    /// @notice The site claimed this slot of the event.
    error EventClaimed(uint256 eventId, uint32 site, uint32 slot);
    /// @notice The last four weeks have fewer than three comparable days without an event in this quarter hour.
    error NoBaseline(uint16 zone, uint32 slot);
    /// @notice The proofs are, meter by meter in the site's order, those of the baseline slots and then the event's.
    error UnexpectedReading(uint256 index, address meter, uint32 slot);

    /// @notice The site has nothing to collect in this season.
    error NothingToCollect(uint32 season, uint32 site);
}
