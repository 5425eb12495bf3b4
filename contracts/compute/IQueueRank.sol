// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Who ranks sites: the reputation contract.
interface IQueueRank {
    /// @notice Place in a queue: the greater, the further ahead. 0 = no rank.
    function queueRank(uint32 site) external view returns (uint256 rank);
}
