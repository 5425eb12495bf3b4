// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice What refuses a call to `TrainingJobs`.
interface IJobErrors {
    /// @notice A term is outside its bounds.
    error BadTerm(bytes32 term, uint256 value);
    /// @notice The verb is not for the job's state (`JobState`).
    error WrongState(uint256 job, uint8 state);
    /// @notice The state's time is over: `advance` moves the job on.
    error WindowOver(uint256 job, uint256 deadline);
    /// @notice The state's time is not over, and somebody may still act.
    error WindowOpen(uint256 job, uint256 deadline);
    /// @notice Only who posted the job.
    error NotRequester(uint256 job, address caller);
    /// @notice The slot's price or scarcity is above the job's.
    error PolicyUnmet(uint256 job, uint256 slot, uint256 importPrice, int256 scarcityPpm);
    /// @notice A round needs more workers or evaluators than have joined.
    error TooFewPlaces(uint256 job, uint256 workers, uint256 evaluators);
    /// @notice All places are taken by sites of at least the caller's rank.
    error NoPlace(uint256 job, uint256 rank, uint256 lowestRank);
    /// @notice The provider has a place in this job.
    error AlreadyPlaced(uint256 job, address provider);
    /// @notice The provider has no such place in this job.
    error NotPlaced(uint256 job, address provider);
    /// @notice The site has as many places as one site may have, or works on the other side of the job.
    error SiteFull(uint256 job, uint32 site);
    /// @notice A worker's site must be in the job's zone.
    error SiteElsewhere(uint256 job, uint32 site, uint16 zone);
    /// @notice The account has no seat in the round, or not in its present part.
    error NotSeated(uint256 job, uint256 round, address account);
    /// @notice A commitment never changes.
    error AlreadyCommitted(uint256 job, uint256 round, address account);
    /// @notice What is revealed is not what was committed to, or was revealed before.
    error CommitmentMismatch(uint256 job, uint256 round, address account);
    /// @notice The update is empty or larger than the job allows.
    error UpdateSize(uint256 sizeBytes, uint256 maxBytes);
    /// @notice The slice is not the round's in the job's validation root.
    error ForeignSlice(uint256 job, uint256 round, bytes32 sliceHash);
    /// @notice One score for each seat; none without an aggregate.
    error ScoreCount(uint256 given, uint256 expected);
    /// @notice The draw's block is to come.
    error DrawPending(uint256 job, uint256 drawBlock);
    /// @notice The energy of a round is proved by workers whose update was valid, within a time.
    error EnergyClosed(uint256 job, uint256 round, address provider);
    /// @notice The reading is not of the worker's meter, or not of a slot in which the round was open for training.
    error ForeignReading(uint256 job, uint256 round, address meter, uint32 slot);
    /// @notice The reading spans more than its slot.
    error GapReading(address meter, uint32 slot);
    /// @notice Nothing is held for the account.
    error NothingHeld(address account);
    /// @notice They are not the programs whose hash the job's terms name.
    error ForeignPrograms(uint256 job, bytes32 hash);
    /// @notice A part of a round's table is not what the parts before it ask for. `value` is its length, or the place of what is wrong.
    error BadTable(bytes32 part, uint256 value);
    /// @notice The table leads to the result that stands.
    error SameResult(uint256 job, bytes32 result);
    /// @notice The result that stands says that the slice was not to be had, which a panel decides.
    error SliceMissing(uint256 job);
    /// @notice The table does not lead to the result that stands.
    error ForeignResult(bytes32 given, bytes32 standing);
    /// @notice It is not the table that the result was challenged with.
    error ForeignTable(uint256 job);
    /// @notice The challenge is not at the part that the verb is for.
    error NotAsked(uint256 job);
    /// @notice The reproducible job that decides has not ended.
    error CaseOpen(uint256 job, uint256 measured);
    /// @notice What was opened does not lead to the claim, or to the byte string.
    error BadOpening(uint256 job);
    /// @notice What was opened of the update can be read.
    error UpdateReadable(uint256 job, uint256 seat);
    /// @notice A panel was asked in this round whether the slice was to be had.
    error PanelHeard(uint256 job, uint256 round);
    /// @notice Too little gas for a call whose refusal would be passed over.
    error GasTooLow(uint256 gasLeft, uint256 needed);
}
