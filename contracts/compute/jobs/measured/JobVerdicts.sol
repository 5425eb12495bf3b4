// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJobErrors} from "../../IJobErrors.sol";
import {IJobEvents} from "../../IJobEvents.sol";
import {JobState, Seat, UpdateStatus} from "../../JobTypes.sol";
import {
    DifferencePart,
    Leaf,
    MeasuredCase,
    MeasuredProgram,
    MeasurementPrograms,
    ScoreRule,
    ScoreTable
} from "../../MeasurementTypes.sol";
import {ChunkTree} from "../../reproducible/ChunkTree.sol";
import {ReproducibleState, ReproducibleTerms} from "../../reproducible/ReproducibleTypes.sol";
import {JobCalls} from "../JobCalls.sol";
import {JobEscrow} from "../JobEscrow.sol";
import {JobStorage} from "../JobStorage.sol";
import {ScoreRules} from "./ScoreRules.sol";
import {StringNodes} from "./StringNodes.sol";
import {TableDifference} from "./TableDifference.sol";
import {UpdateLayout} from "./UpdateLayout.sol";

/// @notice Challenges of a standing result by another one. Both come with the table that they follow from; the first difference of the two
/// tables is one number or one byte string, and a reproducible job decides who is right about it.
library JobVerdicts {
    using JobStorage for JobStorage.Job;
    using JobStorage for JobStorage.Round;

    /// @dev Of its first amount a clock gets back this part with each move of a dispute.
    uint256 private constant EXTENSION_PART = 8;
    /// @dev Tensors of a measurement's state before the moved ones: the loss, and the products.
    uint256 private constant MEASURED_TENSORS = 2;
    /// @dev Tensors of a read state before them: its content address, the header of the model, and its own.
    uint256 private constant READ_TENSORS = 3;
    uint256 private constant ELEMENTS_PER_CHUNK = 8;

    function challenge(
        uint256 id,
        MeasurementPrograms calldata programs,
        ScoreTable calldata table,
        bytes32 aggregateRoot
    ) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Challenge);
        JobStorage.Round storage round = job.current();
        _requirePrograms(id, job, programs);
        if (round.isMissing(round.standing)) revert IJobErrors.SliceMissing(id);
        if (aggregateRoot == 0) revert IJobErrors.BadTable("aggregateRoot", 0);
        int64[] memory scores = ScoreRules.scoresOf(_rule(programs), _hashes(round, programs), table);
        bytes32 result = JobStorage.resultHash(id, job.round, scores, aggregateRoot);
        if (result == round.standing) revert IJobErrors.SameResult(id, result);
        round.keepResult(result, scores, aggregateRoot);
        MeasuredCase storage held = round.measured;
        held.challenger = msg.sender;
        held.result = result;
        held.table = keccak256(abi.encode(table));
        emit IJobEvents.MeasuredChallenge(id, job.round, msg.sender, result, scores, aggregateRoot, table);
        JobStorage.move(id, job, JobState.Measuring, job.terms.scoreCommitSeconds);
        JobStorage.load().providers.lockStake(msg.sender, job.terms.evaluatorBondTicks);
    }

    function answer(
        uint256 id,
        MeasurementPrograms calldata programs,
        ScoreTable calldata rival,
        ScoreTable calldata table
    ) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Measuring);
        JobStorage.Round storage round = job.current();
        MeasuredCase storage held = round.measured;
        if (held.answerer != address(0)) revert IJobErrors.NotAsked(id);
        _requirePrograms(id, job, programs);
        if (!_mayAnswer(round)) revert IJobErrors.NotSeated(id, job.round, msg.sender);
        if (keccak256(abi.encode(rival)) != held.table) revert IJobErrors.ForeignTable(id);
        bytes32[] memory hashes = _hashes(round, programs);
        bytes32 given = JobStorage.resultHash(
            id,
            job.round,
            ScoreRules.scoresOf(_rule(programs), hashes, table),
            round.results[round.standing].aggregateRoot
        );
        if (given != round.standing) revert IJobErrors.ForeignResult(given, round.standing);
        held.answerer = msg.sender;
        (DifferencePart part, uint256 position) = TableDifference.first(rival, table);
        (held.part, held.position) = (part, uint16(position));
        JobStorage.move(id, job, JobState.Measuring, job.terms.scoreCommitSeconds);
        if (part == DifferencePart.Readable) {
            // Who says that it cannot be read shows why.
            held.challengerProves = (table.readable >> position) & 1 != 0;
            held.root = table.updates[position];
        } else if (_isOfBytes(part)) {
            _askBytes(job, round, programs, rival, table);
        } else {
            _askMeasurement(job, round, programs, hashes, table);
        }
        emit IJobEvents.MeasuredAnswer(
            id,
            job.round,
            msg.sender,
            part,
            position,
            held.measured,
            held.challengerProves,
            table
        );
    }

    function showString(uint256 id, uint256 group, bytes32[] calldata nodes, bytes32[] calldata siblings) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Measuring);
        MeasuredCase storage held = job.current().measured;
        bool open = _isOfBytes(held.part) && group == held.shown && group < StringNodes.groups(held.sizeBytes);
        // Whoever may dispute the claim sees them before there is one.
        if (!open || JobStorage.load().reproducible.jobInfo(held.measured).state != ReproducibleState.Posted) {
            revert IJobErrors.NotAsked(id);
        }
        if (msg.sender != (held.challengerProves ? held.challenger : held.answerer)) {
            revert IJobErrors.NotSeated(id, job.round, msg.sender);
        }
        if (!StringNodes.areOf(held.root, held.sizeBytes, group, nodes, siblings)) revert IJobErrors.BadOpening(id);
        ++held.shown;
        emit IJobEvents.StringShown(id, job.round, group, nodes);
    }

    function proveUnreadable(
        uint256 id,
        MeasurementPrograms calldata programs,
        uint256 part,
        Leaf[] calldata leaves
    ) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Measuring);
        MeasuredCase storage held = job.current().measured;
        if (held.part != DifferencePart.Readable) revert IJobErrors.NotAsked(id);
        _requirePrograms(id, job, programs);
        if (!UpdateLayout.isUnreadable(programs, held.root, part, leaves)) {
            revert IJobErrors.UpdateReadable(id, held.position);
        }
        _decide(id, job, held.challengerProves);
    }

    function conclude(uint256 id, bytes32[] calldata tensors, Leaf calldata leaf) external {
        JobStorage.Job storage job = JobStorage.inState(id, JobState.Measuring);
        MeasuredCase storage held = job.current().measured;
        uint256 measured = held.measured;
        if (measured == 0) revert IJobErrors.NotAsked(id);
        JobStorage.Layout storage $ = JobStorage.load();
        if ($.reproducible.jobInfo(measured).state != ReproducibleState.Done) {
            revert IJobErrors.CaseOpen(id, measured);
        }
        bool whole = tensors.length == $.reproducible.termsOf(measured).program.stateTensors;
        if (!whole || ChunkTree.rootOfLeaves(tensors) != $.reproducible.claimInfo(measured, 0).endState) {
            revert IJobErrors.BadOpening(id);
        }
        _decide(id, job, _isRight(id, held, tensors, leaf) == held.challengerProves);
    }

    /// @notice Decide for want of what somebody had to do in time, or by how the reproducible job ended.
    function advance(uint256 id) external {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        MeasuredCase storage held = job.current().measured;
        ReproducibleState state = ReproducibleState.Posted;
        if (held.measured != 0) state = JobStorage.load().reproducible.jobInfo(held.measured).state;
        if (state == ReproducibleState.Training) revert IJobErrors.CaseOpen(id, held.measured);
        if (state == ReproducibleState.Done && !held.opening) {
            held.opening = true;
            return JobStorage.move(id, job, JobState.Measuring, job.terms.scoreRevealSeconds);
        }
        // The other side has taken the job back.
        if (state == ReproducibleState.Cancelled) return _decide(id, job, held.challengerProves);
        bool waits = state == ReproducibleState.Posted || state == ReproducibleState.Done;
        if (waits && block.timestamp < job.deadline) revert IJobErrors.WindowOpen(id, job.deadline);
        _decide(id, job, !held.challengerProves);
    }

    // ---- What is asked

    /// @dev A rival answers for its result alone, since its bond does; for that of evaluators any of them.
    function _mayAnswer(JobStorage.Round storage round) private view returns (bool) {
        if (round.rival != address(0)) return msg.sender == round.rival;
        uint256 seat = round.scoreSeatOf[msg.sender];
        return seat != 0 && round.scoreSeats[seat - 1].result == round.standing;
    }

    /// @dev Ties the root of a byte string to its content address; of the state after the round also to its tensors.
    function _askBytes(
        JobStorage.Job storage job,
        JobStorage.Round storage round,
        MeasurementPrograms calldata programs,
        ScoreTable calldata rival,
        ScoreTable calldata table
    ) private {
        MeasuredCase storage held = round.measured;
        DifferencePart part = held.part;
        if (part == DifferencePart.Model) {
            held.sizeBytes = UpdateLayout.stateBytes(programs.parameters);
            (held.expected, held.root) = (job.modelRoot, table.model);
            return _post(job, held, programs.stateAddress, table.model);
        }
        if (part == DifferencePart.Slice) {
            held.sizeBytes = programs.sliceBytes;
            (held.expected, held.root) = (round.validation, table.slice);
            return _post(job, held, programs.sliceAddress, table.slice);
        }
        if (part == DifferencePart.Update) {
            uint256 seat = held.position;
            bytes32 root = table.updates[seat];
            // Nothing is claimed by a root that is zero.
            if (root == 0) (held.challengerProves, root) = (true, rival.updates[seat]);
            held.sizeBytes = UpdateLayout.updateBytes(programs.parameters);
            (held.expected, held.root) = (round.seats[seat].updateRoot, root);
            return _post(job, held, programs.updateAddress, root);
        }
        held.sizeBytes = UpdateLayout.stateBytes(programs.parameters);
        (held.expected, held.root) = (round.results[round.standing].aggregateRoot, table.next);
        held.moved = table.moved;
        _post(job, held, programs.readState, ChunkTree.hashPair(table.model, table.next));
    }

    /// @dev Has a number measured, or where the round's move leads.
    function _askMeasurement(
        JobStorage.Job storage job,
        JobStorage.Round storage round,
        MeasurementPrograms calldata programs,
        bytes32[] memory hashes,
        ScoreTable calldata table
    ) private {
        MeasuredCase storage held = round.measured;
        uint256 position = held.position;
        ScoreRules.Measured memory measured = ScoreRules.measuredBy(
            _rule(programs),
            hashes,
            table,
            uint8(held.part),
            position
        );
        uint256 places = measured.seatOf.length;
        (held.places, held.element) = (uint8(places), uint16(measured.element));
        if (held.part == DifferencePart.Product) held.expected = bytes32(uint256(table.products[position]));
        else if (held.part == DifferencePart.Square) held.expected = bytes32(uint256(table.squares[position]));
        else if (held.part == DifferencePart.Loss) held.expected = bytes32(uint256(table.losses[position]) << 192);
        else held.expected = table.moved;
        // Where none is readable, one that is zero is measured.
        uint256 count = places == 0 ? 1 : places;
        bytes32[] memory strings = new bytes32[](count + 3);
        strings[0] = table.slice;
        strings[1] = programs.zeroUpdate;
        for (uint256 i = 0; i < places; ++i) strings[1 + i] = table.updates[measured.seatOf[i]];
        strings[1 + count] = measured.selection;
        strings[2 + count] = table.model;
        bool sorted = measured.sorted && programs.sorted.length != 0;
        _post(
            job,
            held,
            sorted ? programs.sorted[count - 1] : programs.mean[count - 1],
            ChunkTree.rootOfLeaves(strings)
        );
    }

    /// @dev A job that only who has to prove may take: in the time in which scores are committed to, with the bonds of evaluators.
    function _post(
        JobStorage.Job storage job,
        MeasuredCase storage held,
        MeasuredProgram calldata program,
        bytes32 dataset
    ) private {
        uint32 window = job.terms.scoreCommitSeconds;
        uint64 bond = job.terms.evaluatorBondTicks;
        ReproducibleTerms memory terms = ReproducibleTerms({
            program: program.program,
            dataset: dataset,
            initialState: program.initialState,
            specification: job.terms.specHash,
            firstStep: 0,
            stride: 1,
            checkpoints: 1,
            rounds: 1,
            payTicks: 0,
            bondTicks: bond,
            challengeBondTicks: bond,
            roundSeconds: window,
            windowSeconds: job.terms.challengeSeconds,
            clockSeconds: window,
            extensionSeconds: uint32(window / EXTENSION_PART)
        });
        (address proves, address asks) = (held.answerer, held.challenger);
        if (held.challengerProves) (proves, asks) = (asks, proves);
        held.measured = uint64(JobStorage.load().reproducible.postFor(terms, asks, proves));
    }

    // ---- What was shown

    /// @dev Whether an undisputed claim is what had to be proved.
    function _isRight(
        uint256 id,
        MeasuredCase storage held,
        bytes32[] calldata tensors,
        Leaf calldata leaf
    ) private view returns (bool) {
        DifferencePart part = held.part;
        bytes32 expected = held.expected;
        if (_isOfBytes(part) && held.shown != StringNodes.groups(held.sizeBytes)) return false;
        if (part <= DifferencePart.Update) {
            uint256 chunks = (uint256(held.sizeBytes) + 31) / 32;
            bytes32 root = ChunkTree.rootOf(leaf.chunk, chunks - 1, ChunkTree.depthOf(chunks), leaf.siblings);
            if (root != held.root) revert IJobErrors.BadOpening(id);
            // What comes after a string's end does not reach its address.
            return tensors[0] == expected && ChunkTree.isEnd(leaf.chunk, held.sizeBytes, leaf.siblings);
        }
        if (part == DifferencePart.Loss) return tensors[0] == expected;
        if (part == DifferencePart.Moved) return _foldFrom(tensors, MEASURED_TENSORS) == expected;
        if (part == DifferencePart.Next) {
            // Headers end with the number of rounds that led there.
            bool follows = uint256(tensors[2]) == uint256(tensors[1]) + 1;
            return tensors[0] == expected && follows && _foldFrom(tensors, READ_TENSORS) == held.moved;
        }
        uint256 element = held.element;
        uint256 leaves = (uint256(held.places) * held.places + ELEMENTS_PER_CHUNK - 1) / ELEMENTS_PER_CHUNK;
        uint256 index = element / ELEMENTS_PER_CHUNK;
        if (ChunkTree.rootOf(leaf.chunk, index, ChunkTree.depthOf(leaves), leaf.siblings) != tensors[1]) {
            revert IJobErrors.BadOpening(id);
        }
        uint256 bits = (uint256(leaf.chunk) >> (224 - 32 * (element % ELEMENTS_PER_CHUNK))) & 0xffffffff;
        return bytes32(bits) == expected;
    }

    /// @dev Whether the root of a byte string is in question.
    function _isOfBytes(DifferencePart part) private pure returns (bool) {
        return part == DifferencePart.Next || (part != DifferencePart.None && part <= DifferencePart.Update);
    }

    function _foldFrom(bytes32[] calldata tensors, uint256 from) private view returns (bytes32) {
        return ChunkTree.rootOfLeaves(tensors[from:]);
    }

    // ---- What follows

    /// @dev Half of the bond that is lost is the winner's. Whichever result stands has all its time anew, so that no challenge for show
    /// ends the time for an honest one.
    function _decide(uint256 id, JobStorage.Job storage job, bool challengerRight) private {
        JobStorage.Round storage round = job.current();
        MeasuredCase memory held = round.measured;
        delete round.measured;
        address winner = held.answerer;
        address loser = held.challenger;
        if (challengerRight) {
            (winner, loser) = (held.challenger, round.rival);
            (round.rival, round.standing) = (held.challenger, held.result);
        }
        emit IJobEvents.MeasuredVerdict(id, job.round, winner, round.standing);
        if (challengerRight) emit IJobEvents.ResultStands(id, job.round, held.result, 0);
        JobStorage.move(id, job, JobState.Challenge, job.terms.challengeSeconds);
        if (loser == address(0)) return;
        uint256 bond = job.terms.evaluatorBondTicks;
        JobEscrow.reward(id, job, winner, JobCalls.cut(id, job.round, loser, bond, bond / 2));
    }

    function _requirePrograms(
        uint256 id,
        JobStorage.Job storage job,
        MeasurementPrograms calldata programs
    ) private view {
        bytes32 hash = keccak256(abi.encode(programs));
        if (hash != job.terms.measurement) revert IJobErrors.ForeignPrograms(id, hash);
    }

    /// @dev Content address of each seat's update that counts; 0 without one.
    function _hashes(
        JobStorage.Round storage round,
        MeasurementPrograms calldata programs
    ) private view returns (bytes32[] memory hashes) {
        uint256 seats = round.seats.length;
        uint256 size = UpdateLayout.updateBytes(programs.parameters);
        hashes = new bytes32[](seats);
        for (uint256 i = 0; i < seats; ++i) {
            Seat storage seat = round.seats[i];
            if (seat.status == UpdateStatus.Valid && seat.sizeBytes == size) hashes[i] = seat.updateRoot;
        }
    }

    function _rule(MeasurementPrograms calldata programs) private pure returns (ScoreRule memory) {
        return
            ScoreRule(
                programs.nearCopy,
                programs.leastSharePpm,
                programs.aggregation,
                programs.trimPpm,
                programs.rate,
                programs.mu
            );
    }
}
