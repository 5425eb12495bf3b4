import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { deploySystem } from "./system.ts";

/** The system on a local chain, with a free test token as payment token. */
export default buildModule("JouleworkLocal", (m) => {
  const testPaymentToken = m.contract("TestPaymentToken");
  return { testPaymentToken, ...deploySystem(m, testPaymentToken) };
});
