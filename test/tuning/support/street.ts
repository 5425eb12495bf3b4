import { communityMembers } from "../../../src/community/members.ts";
import type { SimulatedCommunity } from "../../../src/community/playNextSeason.ts";
import type { CommunitySpec, MeterSpec } from "../../../src/community/types.ts";
import { feederMeter } from "../../../src/meters/profiles/feederMeter.ts";

const LOSS_PPM = 60_000;

/** A zone of two homes, one with a roof, a few panels in a field, and a shop that takes more than they give. */
export function street(seed: number): SimulatedCommunity {
  const meters: MeterSpec[] = [
    { name: "home-1", kind: "consumer", ratedPowerW: 9_200 },
    { name: "roof-1", kind: "prosumer", ratedPowerW: 11_000, solarPowerW: 3_500 },
    { name: "farm-1", kind: "solar", ratedPowerW: 2_500 },
    { name: "shop-1", kind: "industry", ratedPowerW: 12_000 },
  ];
  const kinds = ["household", "household with solar", "solar farm", "industry"] as const;
  const community: CommunitySpec = {
    zones: [
      { name: "street", feeder: feederMeter({ name: "street.feeder", meters, lossPpm: LOSS_PPM }), lossPpm: LOSS_PPM },
    ],
    sites: meters.map((meter, place) => ({
      ...{ name: meter.name, kind: kinds[place] ?? "household", zone: 0, meters: [meter] },
    })),
  };
  return { community, members: communityMembers(community, seed), seed };
}
