// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ReadingLeaf} from "../energy/types/ExchangeTypes.sol";
import {CertificateId} from "./CertificateId.sol";
import {CertificateOffer, ICertificateMarket} from "./ICertificateMarket.sol";
import {ICertificateExchange} from "./ICertificateSources.sol";
import {IEnergyCertificates} from "./IEnergyCertificates.sol";

/// @title CertificateMarket
/// @notice Certificates for credits by signed offers. See `ICertificateMarket`.
contract CertificateMarket is EIP712, ICertificateMarket {
    using SafeERC20 for IERC20;

    /// @notice EIP-712 type hash of an offer.
    bytes32 public constant OFFER_TYPEHASH = keccak256(
        "CertificateOffer(address seller,uint256 id,uint64 amountWh,uint64 priceTicks,address buyer,bool bundled,uint40 expiry,uint256 salt)"
    );
    uint256 private constant BASE_UNITS_PER_TICK = 1e9;
    uint256 private constant TAKEN_BACK = type(uint256).max;
    /// @dev Bit 0 of a leaf's flags.
    uint256 private constant GAP = 1;

    /// @notice What is sold.
    IEnergyCertificates public immutable certificates;
    /// @notice What is paid with.
    IERC20 public immutable credit;
    /// @notice Whose readings show who took energy.
    ICertificateExchange public immutable exchange;

    /// @inheritdoc ICertificateMarket
    mapping(bytes32 offer => uint256 amount) public soldOf;
    /// @inheritdoc ICertificateMarket
    mapping(address meter => mapping(uint32 slot => uint256 amountWh)) public bundledAt;

    constructor(
        IEnergyCertificates certificates_,
        IERC20 credit_,
        ICertificateExchange exchange_
    ) EIP712("Joulework certificates", "1") {
        certificates = certificates_;
        credit = credit_;
        exchange = exchange_;
    }

    /// @inheritdoc ICertificateMarket
    function buy(CertificateOffer calldata offer, bytes calldata signature, uint256 amountWh) external {
        bytes32 hash = offerHash(offer);
        if (offer.bundled) revert OfferBundled(hash, true);
        _sell(offer, hash, signature, amountWh);
    }

    /// @inheritdoc ICertificateMarket
    function buyBundled(
        CertificateOffer calldata offer,
        bytes calldata signature,
        uint256 amountWh,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external {
        bytes32 hash = offerHash(offer);
        if (!offer.bundled) revert OfferBundled(hash, false);
        address owner = exchange.siteInfo(exchange.meterConfig(leaf.meter).site).owner;
        bool together = leaf.zone == CertificateId.zoneOf(offer.id) && leaf.slot == CertificateId.slotOf(offer.id);
        if (msg.sender != owner || !together || leaf.flags & GAP != 0) revert ForeignReading(leaf.meter, leaf.slot);
        exchange.verifyReading(leaf, root, proof);
        uint256 bundledWh = bundledAt[leaf.meter][leaf.slot];
        if (amountWh > leaf.importWh - bundledWh) {
            revert NotTaken(leaf.meter, leaf.slot, amountWh, leaf.importWh - bundledWh);
        }
        bundledWh += amountWh;
        bundledAt[leaf.meter][leaf.slot] = bundledWh;
        _sell(offer, hash, signature, amountWh);
        emit CertificatesBundled(hash, leaf.meter, leaf.slot, amountWh, bundledWh);
    }

    /// @inheritdoc ICertificateMarket
    function cancelOffer(CertificateOffer calldata offer) external {
        if (msg.sender != offer.seller) revert NotSeller(msg.sender);
        bytes32 hash = offerHash(offer);
        soldOf[hash] = TAKEN_BACK;
        emit OfferCancelled(hash, msg.sender);
    }

    /// @inheritdoc ICertificateMarket
    function offerHash(CertificateOffer calldata offer) public view returns (bytes32) {
        // Every member is a static value, so the struct encodes as its members one by one.
        return _hashTypedDataV4(keccak256(abi.encode(OFFER_TYPEHASH, offer)));
    }

    function _sell(CertificateOffer calldata offer, bytes32 hash, bytes calldata signature, uint256 amountWh) private {
        if (block.timestamp >= offer.expiry) revert OfferExpired(offer.expiry);
        if (offer.buyer != address(0) && offer.buyer != msg.sender) revert OfferForAnother(offer.buyer);
        uint256 sold = soldOf[hash];
        uint256 leftWh = sold > offer.amountWh ? 0 : offer.amountWh - sold;
        if (amountWh == 0 || amountWh > leftWh) revert OfferUsed(hash, amountWh, leftWh);
        if (!SignatureChecker.isValidSignatureNowCalldata(offer.seller, hash, signature)) {
            revert OfferUnsigned(offer.seller);
        }
        sold += amountWh;
        soldOf[hash] = sold;
        emit CertificatesSold(hash, offer.seller, msg.sender, offer.id, amountWh, offer.priceTicks, sold);
        // 64 bits of energy, 64 of price and 30 of scale fit.
        credit.safeTransferFrom(msg.sender, offer.seller, amountWh * offer.priceTicks * BASE_UNITS_PER_TICK);
        certificates.transferFrom(offer.seller, msg.sender, offer.id, amountWh);
    }
}
