import { Inspections__factory } from "../../typechain-types/factories/contracts/reputation/Inspections__factory.ts";

/** Functions, events and errors of the inspections, as the compiler gives them. */
export const INSPECTIONS_ABI = Inspections__factory.abi;
