import { powerClassFor, slotLimitWh } from "../../market/powerClass.ts";
import type { ProfileData } from "../../meters/profiles/profileData.ts";
import { readProfiles } from "../../meters/profiles/readProfiles.ts";
import { isInPart } from "../homes.ts";
import { invalid, type AgentGroup } from "../scenario.ts";

/** Reads the measurements of a folder. */
export type ReadMeasurements = (path: string, options: { readonly start: Date; readonly days: number }) => ProfileData;

/**
 * Net energy, slot by slot and positive for import, of the meters that a group of agents has measurements of; undefined for a group that models draw. The
 * window begins with the measurements' first hour (CityLearn) or at its own moment (CSV).
 *
 * @param path Where the group stands in its scenario: errors name it.
 * @param read Who reads the same folder many times may keep what was read.
 */
export function measuredShapes(
  group: AgentGroup,
  path: string,
  start: string,
  days: number,
  read: ReadMeasurements = readProfiles,
): readonly Int32Array[] | undefined {
  const { profiles: folder, count, homes, ratedPowerW } = group;
  if (folder === undefined) return undefined;
  const { community, profiles } = read(folder, { start: new Date(`${start}T00:00:00Z`), days });
  const meters = community.sites.flatMap((site) => site.meters).filter((_, place) => isInPart(place, homes));
  if (meters.length < count) {
    const which = homes === "all" ? "" : `, ${homes}`;
    throw invalid(
      folder,
      `${path}.count`,
      `the folder has measurements of ${String(meters.length)} meters only${which}`,
    );
  }
  const limitWh = slotLimitWh(powerClassFor(ratedPowerW));
  return meters.slice(0, count).map(({ name }) => {
    const profile = profiles.get(name);
    const netWh = Int32Array.from(
      profile?.importWh ?? [],
      (importWh, slot) => importWh - (profile?.exportWh[slot] ?? 0),
    );
    const mostWh = netWh.reduce((most, net) => Math.max(most, Math.abs(net)), 0);
    if (mostWh > limitWh) {
      const problem = `${name} moved ${String(mostWh)} Wh in a slot, beyond the ${String(limitWh)} Wh of this rating`;
      throw invalid(folder, `${path}.ratedPowerW`, problem);
    }
    return netWh;
  });
}
