// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterConfig} from "../types/ExchangeTypes.sol";

/// @notice What a storage meter can have given: what it took in times its best efficiency, and what was in it before.
library StoragePhysics {
    uint256 private constant PPM = 1e6;

    /// @notice Whether registers say that more was given than can have been there.
    /// @dev Neither register is below the one at which the device was put in.
    function exceeded(MeterConfig storage config, uint256 importWh, uint256 exportWh) internal view returns (bool) {
        return exportWh - config.firstExportWh > _availableWh(config, importWh);
    }

    /// @notice What may still be given at these registers without taking anything in, for the device that follows.
    /// @dev The registers are settled ones, so nothing exceeds; it stays at the largest value that fits.
    function allowanceWh(
        MeterConfig storage config,
        uint256 importWh,
        uint256 exportWh
    ) internal view returns (uint48) {
        uint256 left = _availableWh(config, importWh) - (exportWh - config.firstExportWh);
        return uint48(left < type(uint48).max ? left : type(uint48).max);
    }

    function _availableWh(MeterConfig storage config, uint256 importWh) private view returns (uint256) {
        return ((importWh - config.firstImportWh) * config.bestEfficiencyPpm) / PPM + config.storageAllowanceWh;
    }
}
