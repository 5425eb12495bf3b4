// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Clock} from "../energy/libraries/Clock.sol";
import {Lease, LeaseState, Offer, Use} from "./ComputeTypes.sol";
import {CreditMoves} from "./CreditMoves.sol";
import {IComputeExchange} from "./IComputeExchange.sol";
import {IComputeMarket} from "./IComputeMarket.sol";
import {IProviderRegistry} from "./IProviderRegistry.sol";
import {IProviders, ProviderView} from "./IProviders.sol";

/// @notice State of the market, its offers, and what it owes to whom.
abstract contract Offers is IComputeMarket {
    using CreditMoves for IERC20;

    /// @notice The exchange that knows prices and proves energy.
    IComputeExchange public immutable exchange;
    /// @notice The credits that everything is paid in.
    IERC20 public immutable credit;
    /// @notice Who provides, and the stake that answers for leases.
    IProviderRegistry public immutable providers;
    /// @notice The contract that gets what both sides lose by an objection, as a gift to the pool of a season.
    address public immutable seasonPool;

    /// @dev Offers, and leases, are counted from 1.
    uint256 internal _offerCount;
    uint256 internal _leaseCount;
    mapping(uint256 offer => Offer) internal _offers;
    mapping(uint256 lease => Lease) internal _leases;
    mapping(uint256 lease => mapping(uint256 use => Use)) internal _uses;
    mapping(uint256 offer => uint256[] leases) internal _waiting;
    mapping(address account => uint256 ticks) private _earned;

    constructor(IComputeExchange exchange_, IERC20 credit_, IProviderRegistry providers_, address seasonPool_) {
        exchange = exchange_;
        credit = credit_;
        providers = providers_;
        seasonPool = seasonPool_;
    }

    /// @inheritdoc IComputeMarket
    function makeOffer(
        uint32 accelerators,
        uint64 price,
        uint64 stakeTicks,
        uint48 minAcceleratorSeconds,
        uint48 maxAcceleratorSeconds,
        uint16 powerW
    ) external returns (uint256 offer) {
        uint256 most = _requireActive(msg.sender).accelerators;
        if (accelerators == 0 || accelerators > most) revert BadParameter("accelerators", accelerators);
        if (price == 0) revert BadParameter("price", price);
        // A provider whose stake is locked stays at its site: a lease without stake would not hold it.
        if (stakeTicks == 0) revert BadParameter("stakeTicks", stakeTicks);
        if (minAcceleratorSeconds == 0 || minAcceleratorSeconds > maxAcceleratorSeconds) {
            revert BadParameter("minAcceleratorSeconds", minAcceleratorSeconds);
        }
        if (powerW == 0) revert BadParameter("powerW", powerW);
        offer = ++_offerCount;
        _offers[offer] = Offer({
            provider: msg.sender,
            accelerators: accelerators,
            leasedAccelerators: 0,
            open: true,
            price: price,
            stakeTicks: stakeTicks,
            minAcceleratorSeconds: minAcceleratorSeconds,
            maxAcceleratorSeconds: maxAcceleratorSeconds,
            powerW: powerW
        });
        emit OfferMade(offer, msg.sender, _offers[offer]);
    }

    /// @inheritdoc IComputeMarket
    function cancelOffer(uint256 offer) external {
        Offer storage terms = _openOffer(offer);
        if (msg.sender != terms.provider) revert NotEntitled(msg.sender);
        terms.open = false;
        emit OfferCancelled(offer, msg.sender);
    }

    /// @inheritdoc IComputeMarket
    function collect(address to) external {
        uint256 ticks = _earned[msg.sender];
        if (ticks == 0) revert NothingToPay(msg.sender);
        _earned[msg.sender] = 0;
        emit Collected(msg.sender, to, ticks);
        credit.push(to, ticks);
    }

    /// @inheritdoc IComputeMarket
    function offerInfo(uint256 offer) external view returns (Offer memory) {
        return _offers[offer];
    }

    /// @inheritdoc IComputeMarket
    function leaseInfo(uint256 lease) external view returns (Lease memory) {
        return _leases[lease];
    }

    /// @inheritdoc IComputeMarket
    function useInfo(uint256 lease, uint256 use) external view returns (Use memory) {
        return _uses[lease][use];
    }

    /// @inheritdoc IComputeMarket
    function waitingFor(uint256 offer) external view returns (uint256[] memory leases) {
        return _waiting[offer];
    }

    /// @inheritdoc IComputeMarket
    function earned(address account) external view returns (uint256 ticks) {
        return _earned[account];
    }

    function _openOffer(uint256 offer) internal view returns (Offer storage terms) {
        terms = _offers[offer];
        if (terms.provider == address(0)) revert UnknownOffer(offer);
        if (!terms.open) revert OfferClosed(offer);
    }

    function _requireActive(address provider) internal view returns (ProviderView memory info) {
        info = providers.providerInfo(provider);
        if (info.site == 0) revert IProviders.UnknownProvider(provider);
        if (!info.active) revert IProviders.ProviderInactive(provider);
    }

    /// @dev A lease that runs or is paused.
    function _running(uint256 id) internal view returns (Lease storage lease) {
        lease = _leases[id];
        if (lease.state != LeaseState.Active && lease.state != LeaseState.Paused) {
            revert WrongLeaseState(id, uint8(lease.state));
        }
    }

    function _credit(address account, uint256 ticks) internal {
        _earned[account] += ticks;
    }

    function _slotNow() internal view returns (uint24) {
        return uint24(Clock.slotNow());
    }
}
