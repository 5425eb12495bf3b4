// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Seat, UpdateStatus} from "../../JobTypes.sol";
import {
    DifferencePart,
    MeasuredCase,
    MeasuredProgram,
    MeasurementPrograms,
    ScoreRule,
    ScoreTable
} from "../../MeasurementTypes.sol";
import {ChunkTree} from "../../reproducible/ChunkTree.sol";
import {ReproducibleTerms} from "../../reproducible/ReproducibleTypes.sol";
import {JobStorage} from "../JobStorage.sol";
import {CaseProofs} from "./CaseProofs.sol";
import {ScoreRules} from "./ScoreRules.sol";
import {UpdateLayout} from "./UpdateLayout.sol";

/// @notice What the first difference of two tables asks for, who has to prove it, and the reproducible job that decides.
library MeasuredCases {
    /// @dev Of its first amount a clock gets back this part with each move of a dispute.
    uint256 private constant EXTENSION_PART = 8;

    /// @notice Ask for what decides about the part and position of the round's case.
    /// @param rival The challenger's table.
    /// @param table That of who answered.
    function ask(
        JobStorage.Job storage job,
        JobStorage.Round storage round,
        MeasurementPrograms calldata programs,
        ScoreTable calldata rival,
        ScoreTable calldata table
    ) internal {
        MeasuredCase storage held = round.measured;
        if (held.part == DifferencePart.Readable) {
            // Who says that it cannot be read shows why.
            held.challengerProves = (table.readable >> held.position) & 1 != 0;
            held.root = table.updates[held.position];
        } else if (CaseProofs.isOfBytes(held.part)) {
            _askBytes(job, round, programs, rival, table);
        } else {
            _askMeasurement(job, round, programs, table);
        }
    }

    /// @notice Content address of each seat's update that counts; 0 without one.
    function hashesOf(
        JobStorage.Round storage round,
        MeasurementPrograms calldata programs
    ) internal view returns (bytes32[] memory hashes) {
        uint256 seats = round.seats.length;
        uint256 size = UpdateLayout.updateBytes(programs.parameters);
        hashes = new bytes32[](seats);
        for (uint256 i = 0; i < seats; ++i) {
            Seat storage seat = round.seats[i];
            if (seat.status == UpdateStatus.Valid && seat.sizeBytes == size) hashes[i] = seat.updateRoot;
        }
    }

    /// @notice The figures that scores follow from.
    function ruleOf(MeasurementPrograms calldata programs) internal pure returns (ScoreRule memory) {
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
        ScoreTable calldata table
    ) private {
        MeasuredCase storage held = round.measured;
        uint256 position = held.position;
        ScoreRules.Measured memory measured = ScoreRules.measuredBy(
            ruleOf(programs),
            hashesOf(round, programs),
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
}
