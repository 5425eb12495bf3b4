// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ChunkTree} from "./ChunkTree.sol";
import {IReproducibleJobs} from "./IReproducibleJobs.sol";
import {PrimitiveRecord} from "./PrimitiveRecord.sol";
import {CommittedStep, Opening, Referee} from "./Referee.sol";
import {ReproducibleClaims} from "./ReproducibleClaims.sol";
import {Dispute, DisputePhase, ReproducibleState, ReproducibleTerms, RoundClaim} from "./ReproducibleTypes.sol";
import {equal, Float32, isNaN} from "./SoftFloat.sol";

/// @title ReproducibleJobs
/// @notice Disputes about claims: the provider commits level by level, the challenger points. See `IReproducibleJobs`.
/// @dev Every tree below one in question is fixed by it: the last step's state is the checkpoint, a step is what it computed
/// in between and the state after it, an element is its last accumulator.
contract ReproducibleJobs is ReproducibleClaims {
    uint256 private constant ELEMENTS_PER_CHUNK = 8;
    /// @dev Levels that a move reveals at once.
    uint256 private constant LEVELS_A_MOVE = 4;

    uint256 private _count;
    mapping(uint256 dispute => Dispute) private _disputes;

    constructor(IERC20 credit, address seasonPool_) ReproducibleClaims(credit, seasonPool_) {}

    /// @inheritdoc IReproducibleJobs
    function challenge(uint256 job, uint32 round) external returns (uint256 dispute) {
        RoundClaim storage claimed = _openClaim(job, round);
        if (block.timestamp > claimed.windowEnd) revert TimeOver(claimed.windowEnd);
        ReproducibleTerms storage terms = _termsOf(job);
        dispute = ++_count;
        Dispute storage d = _disputes[dispute];
        d.job = job;
        d.round = round;
        d.challenger = msg.sender;
        d.providerClock = terms.clockSeconds;
        d.challengerClock = terms.clockSeconds;
        d.turnStart = uint40(block.timestamp);
        d.providerMoves = true;
        ++claimed.openDisputes;
        _enter(d, DisputePhase.Checkpoints, claimed.checkpoints, terms.checkpoints);
        emit RoundChallenged(dispute, job, round, msg.sender);
        _takeBond(terms.challengeBondTicks);
    }

    /// @inheritdoc IReproducibleJobs
    function reveal(uint256 dispute, bytes32[] calldata children) external {
        Dispute storage d = _providerMove(dispute);
        uint256 levels = d.height < LEVELS_A_MOVE ? d.height : LEVELS_A_MOVE;
        if (levels == 0) revert NotThisMove(dispute);
        if (children.length != 1 << levels || _fold(children) != d.node) revert ForeignNode(d.node);
        d.children = keccak256(abi.encode(children));
        d.providerMoves = false;
        emit ChildrenRevealed(dispute, children);
    }

    /// @inheritdoc IReproducibleJobs
    function point(uint256 dispute, bytes32[] calldata children, uint256 child) external {
        Dispute storage d = _challengerMove(dispute);
        if (d.children == 0) revert NotThisMove(dispute);
        if (keccak256(abi.encode(children)) != d.children) revert ForeignNode(d.node);
        if (child >= children.length) revert NoChild(child);
        d.children = 0;
        emit ChildNamed(dispute, child);
        if (d.phase == DisputePhase.Parts) {
            ReproducibleTerms storage terms = _termsOf(d.job);
            uint256 between = terms.program.operations - terms.program.stateTensors;
            d.operation = uint32(child * between);
            _enter(d, DisputePhase.Tensors, children[child], child == 0 ? between : terms.program.stateTensors);
            d.providerMoves = true;
            return;
        }
        uint256 levels = ChunkTree.depthOf(children.length);
        d.node = children[child];
        d.height -= uint8(levels);
        d.index = uint64((uint256(d.index) << levels) | child);
        if (uint256(d.index) << d.height >= d.leaves) {
            // Below it there is nothing but what fills up the tree, and that is zero: else right leaves had many roots.
            if (d.node == ChunkTree.emptyNode(d.height)) revert NoChild(child);
            _endDispute(dispute, false, false);
            return;
        }
        // Of eight elements the challenger names one at once.
        d.providerMoves = d.height != 0 || !_isOfElements(d.phase);
    }

    /// @inheritdoc IReproducibleJobs
    function pointElement(uint256 dispute, uint256 position) external {
        Dispute storage d = _challengerMove(dispute);
        if (d.height != 0 || !_isOfElements(d.phase)) revert NotThisMove(dispute);
        uint256 named = d.index * ELEMENTS_PER_CHUNK + position;
        if (position >= ELEMENTS_PER_CHUNK) revert NoChild(position);
        emit ChildNamed(dispute, position);
        d.claimed = uint32(Float32.unwrap(Referee.elementOf(d.node, named)));
        if (named >= d.count) {
            if (d.claimed == 0) revert NoChild(position);
            _endDispute(dispute, false, false);
            return;
        }
        if (d.phase == DisputePhase.Chunks) {
            d.element = uint64(named);
            d.phase = DisputePhase.Element;
        } else {
            d.term = uint32(named);
            d.phase = DisputePhase.Term;
        }
        d.providerMoves = true;
    }

    /// @inheritdoc IReproducibleJobs
    function openStride(
        uint256 dispute,
        bytes32 steps,
        bytes32[] calldata lastLeaf,
        bytes32 previous,
        bytes32[] calldata previousLeaf
    ) external {
        Dispute storage d = _atLeaf(dispute, DisputePhase.Checkpoints);
        uint256 stride = _termsOf(d.job).stride;
        if (ChunkTree.rootOf(d.node, stride - 1, ChunkTree.depthOf(stride), lastLeaf) != steps) {
            revert ForeignNode(d.node);
        }
        d.checkpoint = uint32(d.index);
        d.stateBefore = _leafBefore(d, _stateBefore(d.job, d.round), previous, previousLeaf);
        _enter(d, DisputePhase.Steps, steps, stride);
        emit LevelOpened(dispute, steps);
    }

    /// @inheritdoc IReproducibleJobs
    function openStep(uint256 dispute, bytes32 between, bytes32 previous, bytes32[] calldata previousLeaf) external {
        Dispute storage d = _atLeaf(dispute, DisputePhase.Steps);
        d.step = uint32(d.index);
        d.stateBefore = _leafBefore(d, d.stateBefore, previous, previousLeaf);
        d.between = between;
        d.stateAfter = d.node;
        d.phase = DisputePhase.Parts;
        bytes32[] memory parts = new bytes32[](2);
        (parts[0], parts[1]) = (between, d.node);
        d.children = keccak256(abi.encode(parts));
        d.providerMoves = false;
        emit ChildrenRevealed(dispute, parts);
    }

    /// @inheritdoc IReproducibleJobs
    function openTensor(uint256 dispute, bytes calldata record, bytes32[] calldata recordLeaf) external {
        Dispute storage d = _atLeaf(dispute, DisputePhase.Tensors);
        uint256 operation = d.operation + d.index;
        uint256 elements = Referee.openRecord(_termsOf(d.job).program, operation, record, recordLeaf).elements();
        d.operation = uint32(operation);
        d.count = uint64(elements);
        bytes32 root = d.node;
        _enter(d, DisputePhase.Chunks, root, _chunks(elements));
        d.providerMoves = d.height != 0;
        emit LevelOpened(dispute, root);
    }

    /// @inheritdoc IReproducibleJobs
    function openReduction(
        uint256 dispute,
        bytes calldata record,
        bytes32[] calldata recordLeaf,
        bytes32 accumulators,
        bytes32 last,
        bytes32[] calldata lastLeaf
    ) external {
        Dispute storage d = _providerMove(dispute);
        if (d.phase != DisputePhase.Element) revert NotThisMove(dispute);
        PrimitiveRecord memory opened = Referee.openRecord(_termsOf(d.job).program, d.operation, record, recordLeaf);
        uint256[4] memory coordinates = Referee.coordinatesOf(opened, d.element);
        if (!opened.isReduction() || opened.isMasked(coordinates)) revert NotThisProof(dispute);
        (uint256 first, uint256 end) = opened.termsOf(coordinates);
        uint256 terms = end - first;
        uint256 leaves = _chunks(terms);
        if (
            ChunkTree.rootOf(last, leaves - 1, ChunkTree.depthOf(leaves), lastLeaf) != accumulators ||
            Float32.unwrap(Referee.elementOf(last, terms - 1)) != d.claimed
        ) revert ForeignNode(last);
        d.count = uint64(terms);
        _enter(d, DisputePhase.Accumulators, accumulators, leaves);
        d.providerMoves = d.height != 0;
        emit LevelOpened(dispute, accumulators);
    }

    /// @inheritdoc IReproducibleJobs
    function prove(
        uint256 dispute,
        bytes calldata record,
        bytes32[] calldata recordLeaf,
        bytes32 previous,
        bytes32[] calldata previousLeaf,
        Opening[] calldata openings
    ) external {
        Dispute storage d = _providerMove(dispute);
        ReproducibleTerms storage terms = _termsOf(d.job);
        PrimitiveRecord memory opened = Referee.openRecord(terms.program, d.operation, record, recordLeaf);
        uint256[4] memory coordinates = Referee.coordinatesOf(opened, d.element);
        bool reduces = opened.isReduction() && !opened.isMasked(coordinates);
        if (d.phase != (reduces ? DisputePhase.Term : DisputePhase.Element)) revert NotThisProof(dispute);
        uint256 term = 0;
        Float32 accumulator;
        if (reduces) {
            (uint256 first, ) = opened.termsOf(coordinates);
            term = first + d.term;
            accumulator = _accumulatorBefore(d, previous, previousLeaf);
        }
        CommittedStep memory step = CommittedStep(
            d.stateBefore,
            d.between,
            d.stateAfter,
            terms.dataset,
            uint64(terms.firstStep + (uint256(d.round) * terms.checkpoints + d.checkpoint) * terms.stride + d.step)
        );
        Float32 result = Referee.transition(terms.program, step, opened, d.element, term, accumulator, openings);
        bool right = equal(result, Float32.wrap(d.claimed)) && (opened.isExact() || !isNaN(result));
        _endDispute(dispute, right, false);
    }

    /// @inheritdoc IReproducibleJobs
    function callTime(uint256 dispute) external {
        Dispute storage d = _requireOpen(dispute);
        uint256 time = uint256(d.turnStart) + (d.providerMoves ? d.providerClock : d.challengerClock);
        if (block.timestamp <= time) revert TimeNotOver(time);
        _endDispute(dispute, !d.providerMoves, true);
    }

    /// @inheritdoc IReproducibleJobs
    function withdrawChallenge(uint256 dispute) external {
        Dispute storage d = _disputes[dispute];
        if (!_isOpen(d) || _jobOf(d.job).state != ReproducibleState.Refuted) revert NotThisMove(dispute);
        d.phase = DisputePhase.Withdrawn;
        _hold(d.challenger, _termsOf(d.job).challengeBondTicks);
        emit DisputeEnded(dispute, address(0), false);
    }

    /// @inheritdoc IReproducibleJobs
    function disputeInfo(uint256 dispute) external view returns (Dispute memory) {
        return _disputes[dispute];
    }

    // ---- Moves

    /// @dev The provider moves, in time.
    function _providerMove(uint256 dispute) private returns (Dispute storage d) {
        d = _requireOpen(dispute);
        if (!d.providerMoves) revert NotThisMove(dispute);
        _requireParty(_jobOf(d.job).provider);
        d.providerClock = _spend(d, d.providerClock);
    }

    /// @dev The challenger moves, in time.
    function _challengerMove(uint256 dispute) private returns (Dispute storage d) {
        d = _requireOpen(dispute);
        if (d.providerMoves) revert NotThisMove(dispute);
        _requireParty(d.challenger);
        d.challengerClock = _spend(d, d.challengerClock);
    }

    /// @dev The provider opens the tree below the leaf in question.
    function _atLeaf(uint256 dispute, DisputePhase phase) private returns (Dispute storage d) {
        d = _providerMove(dispute);
        if (d.phase != phase || d.height != 0) revert NotThisMove(dispute);
    }

    /// @dev What a clock has left after a move that it paid for, extended, but never more than at first.
    function _spend(Dispute storage d, uint32 clock) private returns (uint32) {
        ReproducibleTerms storage terms = _termsOf(d.job);
        uint256 time = uint256(d.turnStart) + clock;
        if (block.timestamp > time) revert TimeOver(time);
        d.turnStart = uint40(block.timestamp);
        uint256 left = time - block.timestamp + terms.extensionSeconds;
        return left < terms.clockSeconds ? uint32(left) : terms.clockSeconds;
    }

    function _enter(Dispute storage d, DisputePhase phase, bytes32 root, uint256 leaves) private {
        d.phase = phase;
        d.node = root;
        d.root = root;
        d.leaves = uint64(leaves);
        d.index = 0;
        d.height = uint8(ChunkTree.depthOf(leaves));
    }

    function _endDispute(uint256 dispute, bool providerWins, bool byClock) private {
        Dispute storage d = _disputes[dispute];
        ReproducibleTerms storage terms = _termsOf(d.job);
        address provider = _jobOf(d.job).provider;
        d.phase = providerWins ? DisputePhase.ProviderWon : DisputePhase.ChallengerWon;
        emit DisputeEnded(dispute, providerWins ? provider : d.challenger, byClock);
        if (providerWins) {
            --_openClaim(d.job, d.round).openDisputes;
            _forfeit(terms.challengeBondTicks, terms.challengeBondTicks / 2, provider);
        } else {
            _hold(d.challenger, terms.challengeBondTicks);
            _end(d.job, ReproducibleState.Refuted);
            // No more than the challenger risked: a caught provider that challenges itself gets no more than that back.
            uint256 half = terms.bondTicks / 2;
            uint256 share = half < terms.challengeBondTicks ? half : terms.challengeBondTicks;
            _forfeit(terms.bondTicks, share, d.challenger);
        }
    }

    // ---- What the provider's trees hold

    /// @dev The leaf before the one in question: what came before the tree, or what the provider opens in it.
    function _leafBefore(
        Dispute storage d,
        bytes32 start,
        bytes32 previous,
        bytes32[] calldata siblings
    ) private view returns (bytes32) {
        if (d.index == 0) return start;
        if (ChunkTree.rootOf(previous, d.index - 1, ChunkTree.depthOf(d.leaves), siblings) != d.root) {
            revert ForeignNode(previous);
        }
        return previous;
    }

    /// @dev The accumulator before the one in question; of the first one nothing is read.
    function _accumulatorBefore(
        Dispute storage d,
        bytes32 previous,
        bytes32[] calldata siblings
    ) private view returns (Float32 accumulator) {
        if (d.term == 0) return accumulator;
        uint256 before = d.term - 1;
        bytes32 chunk = d.node;
        if (before / ELEMENTS_PER_CHUNK != d.index) chunk = _leafBefore(d, 0, previous, siblings);
        return Referee.elementOf(chunk, before);
    }

    /// @dev The node above 2, 4, 8 or 16 nodes.
    function _fold(bytes32[] calldata nodes) private view returns (bytes32) {
        bytes32[] memory level = nodes;
        for (uint256 count = nodes.length / 2; count > 0; count /= 2) {
            for (uint256 i = 0; i < count; ++i) level[i] = ChunkTree.hashPair(level[2 * i], level[2 * i + 1]);
        }
        return level[0];
    }

    function _requireOpen(uint256 dispute) private view returns (Dispute storage d) {
        d = _disputes[dispute];
        if (!_isOpen(d)) revert NotThisMove(dispute);
        _requireState(d.job, ReproducibleState.Training);
    }

    function _isOpen(Dispute storage d) private view returns (bool) {
        return d.phase != DisputePhase.None && d.phase < DisputePhase.ProviderWon;
    }

    function _isOfElements(DisputePhase phase) private pure returns (bool) {
        return phase == DisputePhase.Chunks || phase == DisputePhase.Accumulators;
    }

    function _chunks(uint256 elements) private pure returns (uint256) {
        return (elements + ELEMENTS_PER_CHUNK - 1) / ELEMENTS_PER_CHUNK;
    }
}
