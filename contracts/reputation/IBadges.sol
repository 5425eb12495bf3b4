// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Quest, QuestGoal} from "./SeasonTypes.sol";

/// @notice A token that says whether it is locked to its holder (ERC-5192).
interface IERC5192 {
    /// @notice The token cannot be transferred.
    event Locked(uint256 tokenId);
    /// @notice The token can be transferred again. Never emitted here.
    event Unlocked(uint256 tokenId);

    /// @notice Whether the token is locked; reverts for a token that does not exist.
    function locked(uint256 tokenId) external view returns (bool);
}

/// @notice Quests and their badges: what a site reached in a season. A badge stays with whoever earned it; it is neither
/// transferred nor approved nor burned. Its number is `quest << 64 | season << 32 | site`, its picture and its attributes
/// are on chain.
interface IBadges is IERC721, IERC5192 {
    /// @notice A badge stays with its holder.
    error BadgeLocked();
    /// @notice The site has this badge of this season.
    error BadgeExists(uint256 tokenId);
    /// @notice A parameter is outside its bounds.
    error BadParameter(bytes32 name, uint256 value);
    /// @notice There is no such quest, or not in this season.
    error UnknownQuest(uint16 quest, uint32 season);
    /// @notice The site has not concluded the season.
    error NotConcluded(uint32 season, uint32 site);
    /// @notice The site did not reach the quest's goal.
    error QuestMissed(uint16 quest, uint256 value, uint256 threshold);

    /// @notice A goal that earns a badge, from a season on.
    event QuestAdded(uint16 indexed quest, QuestGoal goal, uint96 threshold, uint32 fromSeason, bytes32 title);
    /// @notice The quest ends with a season.
    event QuestEnded(uint16 indexed quest, uint32 throughSeason);
    /// @notice A site reached a quest's goal and its owner got the badge; `value` is in the goal's unit.
    event BadgeEarned(uint16 indexed quest, uint32 indexed season, uint32 indexed site, address owner, uint96 value);

    /// @notice Add a quest that can be reached from the season under way on. Role: GOVERNOR.
    /// @param threshold Least value: points, Wh shed, tier, or seasons with points in a row.
    /// @param title 1 to 32 letters, digits, spaces and hyphens, padded with zeros.
    /// @dev Error: `BadParameter`.
    function addQuest(QuestGoal goal, uint96 threshold, bytes32 title) external returns (uint16 quest);

    /// @notice End a quest with the season under way. Role: GOVERNOR.
    /// @dev Error: `UnknownQuest`.
    function endQuest(uint16 quest) external;

    /// @notice Give a site's badge to whoever owned it when it concluded the season. Anybody, at any time.
    /// @dev Errors: `UnknownQuest`, `NotConcluded`, `QuestMissed`, `BadgeExists`.
    function claimBadge(uint16 quest, uint32 season, uint32 site) external returns (uint256 tokenId);

    /// @notice A quest.
    /// @dev Error: `UnknownQuest`.
    function questInfo(uint16 quest) external view returns (Quest memory);

    /// @notice How many quests there are; they are numbered from 1.
    function questCount() external view returns (uint16);

    /// @notice What a badge was given for; reverts for a token that does not exist.
    /// @param value What the site reached, in the goal's unit.
    function badge(
        uint256 tokenId
    )
        external
        view
        returns (uint16 quest, uint32 season, uint32 site, QuestGoal goal, uint96 value, string memory title);
}
