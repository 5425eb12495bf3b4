import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { deploySystem } from "./system.ts";

/**
 * The system on a local chain, with a free test token as payment token. Parameters `governor`, `registrar`, `grid`,
 * `guardian` and `inspector` may name who holds each role; otherwise the accounts after the deployer's do.
 */
export default buildModule("JouleworkLocal", (m) => {
  const testPaymentToken = m.contract("TestPaymentToken");
  const system = deploySystem(m, testPaymentToken, {
    governor: m.getParameter("governor", m.getAccount(1)),
    registrar: m.getParameter("registrar", m.getAccount(2)),
    grid: m.getParameter("grid", m.getAccount(3)),
    guardian: m.getParameter("guardian", m.getAccount(4)),
    inspector: m.getParameter("inspector", m.getAccount(5)),
  });
  return { testPaymentToken, ...system };
});
