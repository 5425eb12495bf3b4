// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Errors of the referee of reproducible training.
interface IRefereeErrors {
    /// @notice A record has 256 bytes.
    error RecordSize(uint256 size);
    /// @notice The record is not the program's for this operation.
    error ForeignRecord(uint256 operation);
    /// @notice The operation's output has no such element.
    error NoElement(uint256 element, uint256 elements);
    /// @notice The element's reduction has the terms from `first` to before `end`.
    error NoTerm(uint256 term, uint256 first, uint256 end);
    /// @notice One opening for each operand that the transition reads, in their order.
    error OpeningCount(uint256 given, uint256 needed);
    /// @notice A proof in a tree of this depth has as many siblings, and the tree has no leaf beyond.
    error BadProof(uint256 leaf, uint256 siblings, uint256 depth);
    /// @notice The opening of an operand does not lead to the root that it has to be in.
    error ForeignOpening(uint256 position);
}
