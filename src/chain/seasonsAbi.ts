import { Badges__factory } from "../../typechain-types/factories/contracts/reputation/Badges__factory.ts";
import { Seasons__factory } from "../../typechain-types/factories/contracts/reputation/Seasons__factory.ts";

/** Functions, events and errors of the seasons and of their badges, as the compiler gives them. */
export const SEASONS_ABI = Seasons__factory.abi;
export const BADGES_ABI = Badges__factory.abi;
