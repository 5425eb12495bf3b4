// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice How far a finding has come. `Upheld` and `Dismissed` are final.
enum FindingStage {
    None,
    Reported,
    Appealed,
    Upheld,
    Dismissed
}

/// @notice What an inspector found at a meter.
struct Finding {
    // word 1
    address meter;
    uint32 site; // whose meter it was when it was reported; its owner may appeal
    uint24 slot; // the flagged slot that was inspected
    uint24 throughSlot; // last slot in which to appeal; once appealed, last slot in which to decide
    FindingStage stage;
    // words 2 and 3
    bytes32 evidenceHash; // of the inspector's report
    bytes32 statementHash; // of the owner's appeal, zero where there is none
}

/// @notice Faults that no signature proves: an inspector judges, the owner may appeal to governance, and every silence but
/// the owner's own ends in the owner's favour. What a finding costs is standing, never money: the meter is suspended
/// until the registrar reinstates it.
/// @dev A slot that the exchange flags is under inspection from its closing until its inspection deadline (`isFlagged`):
/// opening one needs no call. Where nobody reports until then, the slot's inspection ends in the owners' favour.
interface IInspections {
    /// @notice The caller is not the owner of the meter's site.
    error NotEntitled(address caller);
    /// @notice A parameter is outside its bounds.
    error BadParameter(bytes32 name, uint256 value);
    /// @notice The slot is not flagged, its inspection was ended, or its deadline is over.
    error NotUnderInspection(uint16 zone, uint32 slot);
    /// @notice No meter in use of that zone, or its feeder's.
    error NotInspectable(address meter, uint16 zone);
    /// @notice The meter was reported for this slot, or a finding about it is not final yet.
    error AlreadyReported(address meter, uint32 slot, uint256 finding);
    /// @notice There is no such finding, or its stage does not allow this; `stage` is a `FindingStage`.
    error WrongFindingStage(uint256 finding, uint8 stage);
    /// @notice The window for this ended with `throughSlot`.
    error WindowOver(uint256 finding, uint32 throughSlot);
    /// @notice Until the end of `throughSlot` somebody else may act.
    error WindowOpen(uint256 finding, uint32 throughSlot);

    /// @notice An inspector reported a meter; its owner may appeal through `throughSlot`.
    event FindingReported(
        uint256 indexed finding,
        address indexed meter,
        uint32 indexed site,
        uint32 slot,
        bytes32 evidenceHash,
        uint32 throughSlot,
        address inspector
    );
    /// @notice The owner appealed; governance may decide through `throughSlot`.
    event FindingAppealed(uint256 indexed finding, address indexed owner, bytes32 statementHash, uint32 throughSlot);
    /// @notice A finding stands: accepted by the owner's silence, or upheld by governance. `suspended` is false where the
    /// meter was not in use any more, or suspended already.
    event FindingUpheld(uint256 indexed finding, address indexed meter, bool suspended);
    /// @notice A finding fell: withdrawn by an inspector, dismissed by governance, or not decided in time.
    event FindingDismissed(uint256 indexed finding, address indexed meter);

    /// @notice Report a meter after looking at it, for a flagged slot of its zone and before that slot's inspection
    /// deadline. Once for each meter and slot, and one meter at a time. Role: INSPECTOR.
    /// @param evidenceHash Hash of the report, which the inspector gives to the owner and keeps for governance.
    /// @dev Errors: `BadParameter`, `NotUnderInspection`, `NotInspectable`, `AlreadyReported`.
    function report(uint16 zone, uint32 slot, address meter, bytes32 evidenceHash) external returns (uint256 finding);

    /// @notice Take a finding back before it is final. Role: INSPECTOR.
    /// @dev Error: `WrongFindingStage`.
    function withdraw(uint256 finding) external;

    /// @notice Appeal to governance, as the owner of the meter's site, within `APPEAL_SLOTS`.
    /// @param statementHash Hash of what the owner has to say; may be zero.
    /// @dev Errors: `WrongFindingStage`, `NotEntitled`, `WindowOver`.
    function appeal(uint256 finding, bytes32 statementHash) external;

    /// @notice Uphold or dismiss a finding that was appealed, within `DECISION_SLOTS`. Role: GOVERNOR.
    /// @dev Errors: `WrongFindingStage`, `WindowOver`.
    function decide(uint256 finding, bool upheld) external;

    /// @notice Make a finding final whose window is over: it stands where the owner did not appeal, and falls where
    /// governance did not decide. Anybody.
    /// @dev Errors: `WrongFindingStage`, `WindowOpen`.
    function conclude(uint256 finding) external;

    /// @notice A finding; its stage is `None` where there is no such one.
    function findingInfo(uint256 finding) external view returns (Finding memory);

    /// @notice How many findings there are; they are numbered from 1.
    function findingCount() external view returns (uint256);

    /// @notice The finding about a meter for a slot, or 0.
    function findingOf(address meter, uint32 slot) external view returns (uint256);
}
