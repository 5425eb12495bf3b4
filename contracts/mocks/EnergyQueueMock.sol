// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IEnergyQueue} from "../energy/interfaces/IEnergyQueue.sol";

/// @notice A queue whose answers, and whose misbehaviour, a test chooses.
contract EnergyQueueMock is IEnergyQueue {
    enum Manner {
        Answers,
        Reverts,
        BurnsAllGas,
        AnswersShort,
        AnswersLong,
        UsesMuchGas
    }

    error NoAnswer();

    Manner public manner;
    mapping(uint16 zone => mapping(uint32 slot => uint256 energyWh)) private _queued;

    function set(uint16 zone, uint32 firstSlot, uint256[] calldata energyWh) external {
        for (uint256 i = 0; i < energyWh.length; ++i) _queued[zone][uint32(firstSlot + i)] = energyWh[i];
    }

    function behave(Manner manner_) external {
        manner = manner_;
    }

    /// @inheritdoc IEnergyQueue
    function queuedWh(uint16 zone, uint32 slot) external view returns (uint256) {
        uint256 answer = _queued[zone][slot];
        if (manner == Manner.Reverts) revert NoAnswer();
        if (manner == Manner.BurnsAllGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (manner == Manner.AnswersShort) {
            assembly ("memory-safe") {
                mstore(0x00, answer)
                return(0x00, 0x1f)
            }
        }
        if (manner == Manner.AnswersLong) {
            assembly ("memory-safe") {
                let at := mload(0x40)
                mstore(at, answer)
                return(at, 0x2000)
            }
        }
        if (manner == Manner.UsesMuchGas) {
            uint256 before = gasleft();
            while (before - gasleft() < 40_000) {}
        }
        return answer;
    }
}
