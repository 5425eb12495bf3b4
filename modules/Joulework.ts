import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { deploySystem } from "./system.ts";

/**
 * The system on a network that is not ours. Parameters that must be given: `paymentToken`, the ERC-20 that credits are
 * sold for, and who holds each role: `governor`, `registrar`, `grid`, `guardian`, `inspector`. A key of the network's
 * configuration takes a role only where somebody says so.
 */
export default buildModule("Joulework", (m) =>
  deploySystem(m, m.getParameter<string>("paymentToken"), {
    governor: m.getParameter<string>("governor"),
    registrar: m.getParameter<string>("registrar"),
    grid: m.getParameter<string>("grid"),
    guardian: m.getParameter<string>("guardian"),
    inspector: m.getParameter<string>("inspector"),
  }),
);
