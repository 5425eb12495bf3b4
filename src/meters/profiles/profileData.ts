import type { CommunitySpec } from "../../community/types.ts";
import type { EnergyProfile } from "./energyProfile.ts";

/** Measured energy as a community that can be simulated: one zone, one meter a site, and a feeder over them. */
export interface ProfileData {
  community: CommunitySpec;
  /** First market slot of the window: Unix time / 900. */
  firstSlot: number;
  slots: number;
  /** By meter name, the feeder's included. */
  profiles: Map<string, EnergyProfile>;
}
