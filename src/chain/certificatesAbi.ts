import { CertificateMarket__factory } from "../../typechain-types/factories/contracts/certificates/CertificateMarket__factory.ts";
import { EnergyCertificates__factory } from "../../typechain-types/factories/contracts/certificates/EnergyCertificates__factory.ts";

/** Functions, events and errors of granular certificates and of their market. */
export const CERTIFICATES_ABI = EnergyCertificates__factory.abi;
export const CERTIFICATE_MARKET_ABI = CertificateMarket__factory.abi;
