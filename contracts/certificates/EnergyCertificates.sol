// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {CertificateCancelling} from "./CertificateCancelling.sol";
import {CertificateIssue} from "./CertificateIssue.sol";
import {CertificateToken} from "./CertificateToken.sol";
import {ICertificateExchange, ICertificateInspections, ICertificateJobs} from "./ICertificateSources.sol";
import {StorageCertificates} from "./StorageCertificates.sol";

/// @title EnergyCertificates
/// @notice Granular certificates. See `IEnergyCertificates`.
///
/// - `CertificateToken`: what exists, its lifetime and suspension, what production is near to what consumption.
/// - `CertificateIssue`: from a proved reading to certificates.
/// - `StorageCertificates`: charging and discharging.
/// - `CertificateCancelling`: cancellations, and what they are matched with.
///
/// `multicall` makes a batch of verbs one transaction, which is how a day's readings are issued.
contract EnergyCertificates is StorageCertificates, CertificateCancelling, Multicall {
    /// @param lifetimeSlots How long certificates live at first.
    constructor(
        ICertificateExchange exchange_,
        ICertificateInspections inspections_,
        ICertificateJobs jobs_,
        address authority_,
        uint32 lifetimeSlots
    )
        AccessManaged(authority_)
        CertificateToken(lifetimeSlots)
        CertificateIssue(exchange_, inspections_)
        CertificateCancelling(jobs_)
    {}
}
