import { keccak256, toUtf8Bytes } from "ethers";
import type { EnergySourceName, RegisteredKind } from "../market/codes.ts";
import { signingKey, type SigningKey } from "../market/signer.ts";
import { randomStream } from "../meters/profiles/randomStream.ts";
import type { CommunitySpec, MeterKind, MeterSpec, SiteKind } from "./types.ts";

/** What a meter's trading follows; drawn once from the seed. */
export interface TradingPreference {
  /** How far below the retail price a bid goes, as a share of the band between both backstop prices. */
  readonly bidMarkdown: number;
  /** How far above the feed-in price an offer goes, as a share of the band. */
  readonly offerMarkup: number;
  /** Standard deviation of the forecast error, as a share of the energy. */
  readonly forecastError: number;
}

/** A meter of a simulated community, with its device key. */
export interface Member {
  readonly name: string;
  readonly site: string;
  readonly siteKind: SiteKind | "feeder";
  /** Number of the zone on chain, from 1. */
  readonly zone: number;
  readonly spec: MeterSpec;
  readonly kind: RegisteredKind;
  readonly source: EnergySourceName;
  readonly key: SigningKey;
  readonly preference: TradingPreference;
}

const REGISTERED: Readonly<Record<MeterKind, readonly [RegisteredKind, EnergySourceName]>> = {
  solar: ["producer", "solar"],
  wind: ["producer", "wind"],
  hydro: ["producer", "hydro"],
  geothermal: ["producer", "geothermal"],
  battery: ["storage", "storage"],
  vehicle: ["storage", "storage"],
  consumer: ["consumer", "none"],
  prosumer: ["prosumer", "none"],
  industry: ["consumer", "none"],
  datacentre: ["consumer", "none"],
  feeder: ["feeder", "none"],
};

/**
 * The meters of a community, sites in their order and then the feeders. Device keys follow from the seed, which is fine
 * for a simulation and for nothing else.
 */
export function communityMembers(community: CommunitySpec, seed: number): Member[] {
  const onSites = community.sites.flatMap(({ name: site, kind, zone, meters }) =>
    meters.map((spec) => member({ spec, site, siteKind: kind, zone: zone + 1, seed })),
  );
  const feeders = community.zones.map(({ feeder }, zone) =>
    member({ spec: feeder, site: feeder.name, siteKind: "feeder", zone: zone + 1, seed }),
  );
  return [...onSites, ...feeders];
}

function member(input: {
  spec: MeterSpec;
  site: string;
  siteKind: Member["siteKind"];
  zone: number;
  seed: number;
}): Member {
  const { spec, seed, ...place } = input;
  const [kind, source] = REGISTERED[spec.kind];
  const stream = randomStream(seed, "preference", spec.name);
  const preference = {
    bidMarkdown: stream.between(0, 0.5),
    offerMarkup: stream.between(0, 0.5),
    forecastError: stream.between(0.03, 0.15),
  };
  const key = signingKey(keccak256(toUtf8Bytes(`joulework simulated device ${String(seed)} ${spec.name}`)));
  return { name: spec.name, ...place, spec, kind, source, key, preference };
}
