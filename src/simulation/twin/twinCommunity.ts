import { communityMembers, type Member } from "../../community/members.ts";
import type { CommunityMarket } from "../../community/registerCommunity.ts";
import type { CommunitySpec, MeterKind, MeterSpec, ZoneSpec } from "../../community/types.ts";
import { classRatedPowerW, powerClassFor } from "../../market/powerClass.ts";
import { feederMeter } from "../../meters/profiles/feederMeter.ts";
import { PPM, SLOT_SECONDS } from "../../units.ts";
import { encodeTierDiscounts } from "../../market/fees.ts";
import { createFleet, type Fleet } from "../fleet.ts";
import { zoneTerms, type Scenario } from "../scenario.ts";
import type { Sample } from "./sample.ts";

/** What a feeder's reading may differ by from its meters', Wh; it moves no money. */
const TOLERANCE_WH = 20;

/** A sample as a community of meters: agent by agent one, and a feeder over each zone. */
export interface TwinCommunity {
  readonly community: CommunitySpec;
  /** Agents in their order, then the feeders. */
  readonly members: readonly Member[];
  readonly market: CommunityMarket;
}

/**
 * Every agent is registered as a prosumer with its bond, whatever it is: the simulator knows no others. Only batteries with a meter of their own and plants of one source are what they are.
 */
export function twinCommunity({ scenario, series }: Sample): TwinCommunity {
  const { lossPpm } = scenario;
  const fleet = createFleet(scenario, series);
  const sites = Array.from({ length: scenario.zones }, (_, zone) => zone).flatMap((zone) =>
    metersOf(fleet, zone, scenario).map((meter) => ({
      name: meter.name,
      kind: "household with solar" as const,
      zone,
      meters: [meter],
    })),
  );
  const zones = Array.from({ length: scenario.zones }, (_, zone): ZoneSpec => {
    const meters = sites.filter((site) => site.zone === zone).flatMap((site) => site.meters);
    const name = `zone ${String(zone + 1)}`;
    return { name, feeder: feederMeter({ name: `${name} feeder`, meters, lossPpm }), lossPpm };
  });
  const community = { zones, sites };
  return { community, members: communityMembers(community, scenario.seed), market: marketOf(scenario) };
}

function metersOf(fleet: Fleet, zone: number, scenario: Scenario): MeterSpec[] {
  const from = fleet.zoneStart[zone] ?? 0;
  const { zoneBatteries } = fleet;
  return Array.from(fleet.limitWh.subarray(from, fleet.zoneStart[zone + 1]), (limitWh, place) => {
    const group = scenario.agents[fleet.group[from + place] ?? 0]?.name ?? "";
    const ratedPowerW = classRatedPowerW(powerClassFor(slotPowerW(limitWh)));
    const name = `${group} ${String(from + place + 1)}`;
    const row = zoneBatteries.agent.indexOf(from + place);
    if (row === -1) return { name, kind: sourceOf(fleet, scenario, from + place), ratedPowerW };
    const storage = {
      capacityWh: zoneBatteries.capacityWh[row] ?? 0,
      powerW: slotPowerW(zoneBatteries.limitWh[row] ?? 0),
      roundTripPpm: zoneBatteries.roundTripPpm[row] ?? 0,
    };
    return { name, kind: "battery", ratedPowerW, storage };
  });
}

/** Plants of one source are producers of it: what they give is certified. */
function sourceOf({ renewables, group }: Fleet, { agents }: Scenario, agent: number): MeterKind {
  const kind = agents[group[agent] ?? 0]?.kind;
  if (!renewables.includes(agent)) return "prosumer";
  return kind === "solar" || kind === "wind" || kind === "hydro" || kind === "geothermal" ? kind : "prosumer";
}

function slotPowerW(slotWh: number): number {
  return (slotWh * 3_600) / SLOT_SECONDS;
}

/** The scenario's terms and bounds, and the dearest Wh: the highest export price with the spread, the fee and all charges. */
function marketOf(scenario: Scenario): CommunityMarket {
  const { floorPrice, capPrice, exportCapPrice } = scenario.market;
  const terms = zoneTerms(scenario);
  const energy = exportCapPrice + terms.importPrice - terms.exportPrice;
  const fee = Math.ceil((energy * terms.feePpm) / PPM);
  return {
    terms,
    limits: { floorPrice, capPrice, exportCapPrice, toleranceWh: TOLERANCE_WH },
    tierDiscounts: encodeTierDiscounts(scenario.game.feeDiscountsPpm),
    giftCredits: BigInt(scenario.game.giftCredits),
    dearestWh: BigInt(energy + fee + terms.networkGridPrice + terms.levyPrice),
  };
}
