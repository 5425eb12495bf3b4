// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {ReadingLeaf, Site} from "../types/ExchangeTypes.sol";
import {MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {Clock} from "./Clock.sol";
import {Consent} from "./Consent.sol";
import {GridLeg} from "./GridLeg.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {ReadingTree} from "./ReadingTree.sol";

/// @notice Proofs of settled readings, the one ledger that keeps a watt-hour from serving as evidence twice, and the
/// correction of a settled reading.
library ReadingEvidence {
    /// @notice The leaf's hash, if it is in a settled batch and was not voided; reverts otherwise.
    function verify(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) public view returns (bytes32 hash) {
        hash = ReadingTree.leaf(leaf.meter, leaf.zone, leaf.slot, leaf.importWh, leaf.exportWh, leaf.flags);
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        if (!$.roots[root] || !MerkleProof.verifyCalldata(proof, root, hash)) {
            revert IExchangeErrors.UnprovenReading(hash, root);
        }
        if ($.evidence[leaf.meter][leaf.slot].void) revert IExchangeErrors.ReadingVoid(hash);
    }

    /// @notice Use `amountWh` of a reading's imported energy as evidence; never more in all than it has.
    function draw(ReadingLeaf calldata leaf, bytes32 root, bytes32[] calldata proof, uint256 amountWh) external {
        verify(leaf, root, proof);
        ExchangeStorage.Evidence storage evidence = ExchangeStorage.load().evidence[leaf.meter][leaf.slot];
        uint256 left = leaf.importWh - evidence.usedWh;
        if (amountWh == 0 || amountWh > left) {
            revert IExchangeErrors.EvidenceUsed(leaf.meter, leaf.slot, amountWh, left);
        }
        evidence.usedWh += uint64(amountWh);
        emit IExchangeEvents.EvidenceDrawn(leaf.meter, leaf.slot, msg.sender, amountWh, evidence.usedWh);
    }

    /// @notice Use a reading's exported energy as evidence: whole, and once.
    function certify(ReadingLeaf calldata leaf, bytes32 root, bytes32[] calldata proof) external {
        verify(leaf, root, proof);
        ExchangeStorage.Evidence storage evidence = ExchangeStorage.load().evidence[leaf.meter][leaf.slot];
        if (evidence.certified) revert IExchangeErrors.EvidenceUsed(leaf.meter, leaf.slot, leaf.exportWh, 0);
        evidence.certified = true;
        emit IExchangeEvents.ExportCertified(leaf.meter, leaf.slot, msg.sender, leaf.exportWh);
    }

    /// @notice Correct a settled reading by money alone, before its slot matures; registers stay, the leaf is void.
    /// @param amountTicks Positive: the grid pays the meter; negative: the meter pays the grid.
    function correct(
        bytes32 domain,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        int256 amountTicks,
        string calldata reason,
        bytes calldata ownerSignature
    ) external {
        bytes32 hash = verify(leaf, root, proof);
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        if (block.timestamp >= Clock.inspectionDeadline(leaf.slot)) revert IExchangeErrors.SlotOutOfRange(leaf.slot);
        if ($.evidence[leaf.meter][leaf.slot].certified) {
            revert IExchangeErrors.EvidenceUsed(leaf.meter, leaf.slot, leaf.exportWh, 0);
        }
        uint256 used = $.evidence[leaf.meter][leaf.slot].usedWh;
        if (used != 0) revert IExchangeErrors.EvidenceUsed(leaf.meter, leaf.slot, leaf.importWh, leaf.importWh - used);
        MeterWord word = $.words[leaf.meter];
        if (!word.isMeter()) revert IExchangeErrors.UnknownMeter(leaf.meter, leaf.slot);
        bool fits =
            amountTicks >= -int256(MeterWordLib.BALANCE_CEILING) && amountTicks <= int256(MeterWordLib.BALANCE_CEILING);
        if (amountTicks == 0 || !fits) revert IExchangeErrors.BadParameter("amountTicks", uint256(amountTicks));
        Site storage site = $.sites[$.configs[leaf.meter].site];
        Consent.require_(
            domain,
            keccak256(
                abi.encode(MarketMessages.CORRECTION_TYPEHASH, leaf.meter, leaf.slot, hash, amountTicks, site.nonce)
            ),
            site.owner,
            ownerSignature
        );
        ++site.nonce;
        $.evidence[leaf.meter][leaf.slot].void = true;

        GridLeg.Ledger memory ledger = GridLeg.begin();
        GridLeg.Due memory due;
        if (amountTicks > 0) due.mint = uint256(amountTicks);
        else due.burn = uint256(-amountTicks);
        (word, ) = GridLeg.apply_(ledger, leaf.meter, leaf.slot, word, due);
        $.words[leaf.meter] = word;
        emit IExchangeEvents.ReadingCorrected(leaf.meter, leaf.slot, hash, amountTicks, reason, MeterWord.unwrap(word));
        GridLeg.finish(ledger);
    }
}
