// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Clock} from "../energy/libraries/Clock.sol";
import {IBadges, IERC5192} from "./IBadges.sol";
import {ISeasons} from "./ISeasons.sol";
import {Quest, QuestGoal, SiteStage, SiteTally} from "./SeasonTypes.sol";

/* solhint-disable quotes */

/// @title Badges
/// @notice Quests, and what sites reached in seasons. See `IBadges`.
contract Badges is ERC721, AccessManaged, IBadges {
    using Strings for uint256;

    /// @notice The seasons that sites conclude.
    ISeasons public immutable seasons;
    Quest[] private _quests;

    /// @param authority_ The access manager.
    constructor(
        ISeasons seasons_,
        address authority_
    ) ERC721("Joulework Badges", "JOULEBADGE") AccessManaged(authority_) {
        seasons = seasons_;
    }

    /// @inheritdoc IBadges
    function addQuest(QuestGoal goal, uint96 threshold, bytes32 title) external restricted returns (uint16 quest) {
        if (threshold == 0) revert BadParameter("threshold", threshold);
        if (_quests.length == type(uint16).max) revert BadParameter("quests", _quests.length);
        _checkTitle(title);
        uint32 season = _season();
        _quests.push(Quest({goal: goal, threshold: threshold, fromSeason: season, throughSeason: 0, title: title}));
        quest = uint16(_quests.length);
        emit QuestAdded(quest, goal, threshold, season, title);
    }

    /// @inheritdoc IBadges
    function endQuest(uint16 quest) external restricted {
        uint32 season = _season();
        if (questInfo(quest).throughSeason != 0) revert UnknownQuest(quest, season);
        _quests[quest - 1].throughSeason = season;
        emit QuestEnded(quest, season);
    }

    /// @inheritdoc IBadges
    function claimBadge(uint16 quest, uint32 season, uint32 site) external returns (uint256 tokenId) {
        Quest memory goal = questInfo(quest);
        bool ended = goal.throughSeason != 0 && season > goal.throughSeason;
        if (season < goal.fromSeason || ended) revert UnknownQuest(quest, season);
        SiteTally memory tally = seasons.siteTally(season, site);
        if (tally.stage < SiteStage.Concluded) revert NotConcluded(season, site);
        uint96 value = _valueOf(goal.goal, tally);
        if (value < goal.threshold) revert QuestMissed(quest, value, goal.threshold);
        tokenId = (uint256(quest) << 64) | (uint256(season) << 32) | site;
        if (_ownerOf(tokenId) != address(0)) revert BadgeExists(tokenId);
        // Not `_safeMint`: a badge cannot get stuck, because it goes nowhere, and a callback could refuse it.
        _mint(tally.owner, tokenId);
        emit Locked(tokenId);
        emit BadgeEarned(quest, season, site, tally.owner, value);
    }

    /// @inheritdoc IBadges
    function questInfo(uint16 quest) public view returns (Quest memory) {
        if (quest == 0 || quest > _quests.length) revert UnknownQuest(quest, 0);
        return _quests[quest - 1];
    }

    /// @inheritdoc IBadges
    function questCount() external view returns (uint16) {
        return uint16(_quests.length);
    }

    /// @inheritdoc IBadges
    function badge(
        uint256 tokenId
    )
        public
        view
        returns (uint16 quest, uint32 season, uint32 site, QuestGoal goal, uint96 value, string memory title)
    {
        _requireOwned(tokenId);
        (quest, season, site) = (uint16(tokenId >> 64), uint32(tokenId >> 32), uint32(tokenId));
        // Neither a quest nor a concluded tally ever changes, so neither does a badge.
        Quest memory reached = questInfo(quest);
        goal = reached.goal;
        value = _valueOf(goal, seasons.siteTally(season, site));
        title = _text(reached.title);
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        _requireOwned(tokenId);
        return true;
    }

    /// @notice JSON with the badge's name, attributes and picture, all of it in the URI.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        (, uint32 season, uint32 site, QuestGoal goal, uint96 value, string memory title) = badge(tokenId);
        string memory reached = string.concat(uint256(value).toString(), " ", _unit(goal));
        bytes memory json = abi.encodePacked(
            '{"name":"',
            title,
            '","description":"Earned by site ',
            uint256(site).toString(),
            " in season ",
            uint256(season).toString(),
            '. It cannot be transferred.","image":"data:image/svg+xml;base64,',
            Base64.encode(_picture(title, reached, season, site)),
            '","attributes":[{"trait_type":"Season","value":',
            uint256(season).toString(),
            '},{"trait_type":"Site","value":',
            uint256(site).toString(),
            '},{"trait_type":"Reached","value":"',
            reached,
            '"}]}'
        );
        return string.concat("data:application/json;base64,", Base64.encode(json));
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @notice Always reverts: a badge stays with its holder.
    function approve(address, uint256) public pure override(ERC721, IERC721) {
        revert BadgeLocked();
    }

    /// @notice Always reverts: a badge stays with its holder.
    function setApprovalForAll(address, bool) public pure override(ERC721, IERC721) {
        revert BadgeLocked();
    }

    /// @dev The one door of every mint, transfer and burn: only what has no holder moves.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address) {
        if (_ownerOf(tokenId) != address(0)) revert BadgeLocked();
        return super._update(to, tokenId, auth);
    }

    function _picture(
        string memory title,
        string memory reached,
        uint256 season,
        uint256 site
    ) private pure returns (bytes memory) {
        return
            abi.encodePacked(
                '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 360" font-family="sans-serif" ',
                'text-anchor="middle"><rect width="360" height="360" rx="36" fill="#12352b"/>',
                '<path d="M196 40 130 172h44l-16 92 74-132h-46z" fill="#f4c542"/>',
                '<text x="180" y="296" font-size="20" fill="#ffffff">',
                title,
                '</text><text x="180" y="322" font-size="16" fill="#bfe3d0">',
                reached,
                '</text><text x="180" y="344" font-size="13" fill="#7fb59b">Season ',
                season.toString(),
                ", site ",
                site.toString(),
                "</text></svg>"
            );
    }

    /// @dev The season under way; 1 before the first, because 0 stands for "no end".
    function _season() private view returns (uint32 season) {
        season = seasons.seasonAt(uint32(Clock.slotNow()));
        if (season == 0) season = 1;
    }

    function _valueOf(QuestGoal goal, SiteTally memory tally) private pure returns (uint96) {
        if (goal == QuestGoal.Points) return tally.points;
        if (goal == QuestGoal.ShedWh) return tally.shedWh;
        return goal == QuestGoal.Tier ? tally.tier : tally.streak;
    }

    /// @dev A title goes into a picture and into JSON as it is, so it holds nothing that either would have to escape.
    function _checkTitle(bytes32 title) private pure {
        if (title[0] == 0) revert BadParameter("title", 0);
        bool ended;
        for (uint256 i = 0; i < 32; ++i) {
            uint8 char = uint8(title[i]);
            if (char == 0) {
                ended = true;
                continue;
            }
            bool letter = (char >= 0x41 && char <= 0x5a) || (char >= 0x61 && char <= 0x7a);
            bool plain = letter || (char >= 0x30 && char <= 0x39) || char == 0x20 || char == 0x2d;
            if (ended || !plain) revert BadParameter("title", i);
        }
    }

    function _unit(QuestGoal goal) private pure returns (string memory) {
        if (goal == QuestGoal.Points) return "points";
        if (goal == QuestGoal.ShedWh) return "Wh shed";
        return goal == QuestGoal.Tier ? "tier" : "seasons in a row";
    }

    /// @dev A title without the zeros that pad it.
    function _text(bytes32 padded) private pure returns (string memory) {
        uint256 length;
        while (length < 32 && padded[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) text[i] = padded[i];
        return string(text);
    }
}
