import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { deploySystem } from "./system.ts";

/** The system on a network that is not ours. Parameter `paymentToken`: the ERC-20 that credits are sold for. */
export default buildModule("Joulework", (m) => deploySystem(m, m.getParameter<string>("paymentToken")));
