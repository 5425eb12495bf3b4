// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ReadingLeaf} from "../energy/types/ExchangeTypes.sol";

/// @notice A seller's offer of certificates, signed off chain (EIP-712).
struct CertificateOffer {
    address seller;
    uint256 id; // the certificates' token id; they may be issued later
    uint64 amountWh; // for sale in all
    uint64 priceTicks; // a Wh
    address buyer; // zero = anybody
    bool bundled; // only with energy: to who took it in the same zone and slot, up to what it took
    uint40 expiry; // unix seconds from which the offer is over
    uint256 salt; // tells offers apart that are otherwise alike
}

/// @notice Sales of certificates for credits by signed offers, which may be taken in parts. There is no order book: an offer
/// is whatever its seller hands out. The seller lets this contract move the certificates (`approve`, `setOperator`), the
/// buyer its credits (`approve`); the contract never holds either.
interface ICertificateMarket {
    /// @notice The offer is not signed by its seller.
    error OfferUnsigned(address seller);
    /// @notice The offer was over at `expiry`.
    error OfferExpired(uint256 expiry);
    /// @notice The offer is for another buyer.
    error OfferForAnother(address buyer);
    /// @notice Nothing, or more than is left of the offer.
    error OfferUsed(bytes32 offer, uint256 askedWh, uint256 leftWh);
    /// @notice A bundled offer is taken with a reading, any other without.
    error OfferBundled(bytes32 offer, bool bundled);
    /// @notice The caller does not own the meter, or the reading is of another zone or slot, or spans more than its slot.
    error ForeignReading(address meter, uint32 slot);
    /// @notice More than the meter took in the slot less what was bundled with it before.
    error NotTaken(address meter, uint32 slot, uint256 askedWh, uint256 leftWh);
    /// @notice Only the seller.
    error NotSeller(address caller);

    /// @notice Certificates were sold; `soldWh` of the offer are sold now.
    event CertificatesSold(
        bytes32 indexed offer,
        address indexed seller,
        address indexed buyer,
        uint256 id,
        uint256 amountWh,
        uint256 priceTicks,
        uint256 soldWh
    );
    /// @notice Certificates were sold to who took the energy of the same zone and slot at a meter; comes after
    /// `CertificatesSold`.
    event CertificatesBundled(
        bytes32 indexed offer,
        address indexed meter,
        uint32 indexed slot,
        uint256 amountWh,
        uint256 bundledWh
    );
    /// @notice The seller took the offer back.
    event OfferCancelled(bytes32 indexed offer, address indexed seller);

    /// @notice Take a part of an offer that is not bundled. The caller pays the seller and gets the certificates.
    /// @param signature The seller's, by ERC-1271 where the seller is a contract.
    /// @dev Errors: `OfferBundled`, `OfferExpired`, `OfferForAnother`, `OfferUsed`, `OfferUnsigned`, those of the two tokens.
    function buy(CertificateOffer calldata offer, bytes calldata signature, uint256 amountWh) external;

    /// @notice Take a part of a bundled offer, for energy that a meter of the caller's site took in the certificates' zone
    /// and slot.
    /// @dev Errors: as of `buy`, `ForeignReading`, `NotTaken`, and of the exchange `UnprovenReading`, `ReadingVoid`.
    function buyBundled(
        CertificateOffer calldata offer,
        bytes calldata signature,
        uint256 amountWh,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external;

    /// @notice Take an offer back. Caller: its seller.
    /// @dev Error: `NotSeller`.
    function cancelOffer(CertificateOffer calldata offer) external;

    /// @notice The offer's EIP-712 hash, which is its name here.
    function offerHash(CertificateOffer calldata offer) external view returns (bytes32);

    /// @notice How much of an offer is sold, Wh; all that there can be, if it was taken back.
    function soldOf(bytes32 offer) external view returns (uint256 amount);

    /// @notice How much of what a meter took in a slot was sold with certificates.
    function bundledAt(address meter, uint32 slot) external view returns (uint256 amountWh);
}
