// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {MarketMessages} from "./MarketMessages.sol";

/// @notice Consents of owners and device keys: EIP-712, by ERC-1271 where the signer is a contract.
library Consent {
    function require_(bytes32 domain, bytes32 structHash, address signer, bytes calldata signature) internal view {
        bytes32 digest = MarketMessages.digest(domain, structHash);
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature)) {
            revert IExchangeErrors.InvalidConsent(signer);
        }
    }
}
