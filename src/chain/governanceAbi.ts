import { TimelockController__factory } from "../../typechain-types/factories/@openzeppelin/contracts/governance/TimelockController__factory.ts";
import { GridGovernor__factory } from "../../typechain-types/factories/contracts/governance/GridGovernor__factory.ts";
import { HandOver__factory } from "../../typechain-types/factories/contracts/governance/HandOver__factory.ts";
import { Reputation__factory } from "../../typechain-types/factories/contracts/reputation/Reputation__factory.ts";

/** Interfaces of the contracts that score sites and decide by their votes. */
export const REPUTATION_ABI = Reputation__factory.abi;
export const GOVERNOR_ABI = GridGovernor__factory.abi;
export const TIMELOCK_ABI = TimelockController__factory.abi;
export const HAND_OVER_ABI = HandOver__factory.abi;
