import { z } from "zod";
import type { ConnectedContract } from "../chain/contract.ts";
import type { BADGES_ABI } from "../chain/seasonsAbi.ts";

export interface BadgeKey {
  readonly quest: number;
  readonly season: number;
  readonly site: number;
}

/** A badge as it shows itself. */
export interface Badge {
  readonly name: string;
  /** Value and unit: "600 points". */
  readonly reached: string;
  readonly svg: string;
}

const JSON_PREFIX = "data:application/json;base64,";
const SVG_PREFIX = "data:image/svg+xml;base64,";
const schema = z.object({
  name: z.string(),
  image: z.string().startsWith(SVG_PREFIX),
  attributes: z.array(z.object({ trait_type: z.string(), value: z.union([z.string(), z.number()]) })),
});

/** Reads a badge from its URI, which holds all of it. Throws `RpcError` where nobody has the badge. */
export async function readBadge(
  badges: ConnectedContract<typeof BADGES_ABI>,
  { quest, season, site }: BadgeKey,
): Promise<Badge> {
  const number = (BigInt(quest) << 64n) | (BigInt(season) << 32n) | BigInt(site);
  const uri = await badges.read("tokenURI", [number]);
  const { name, image, attributes } = schema.parse(JSON.parse(decode(uri.slice(JSON_PREFIX.length))));
  const reached = attributes.find(({ trait_type }) => trait_type === "Reached")?.value ?? "";
  return { name, reached: String(reached), svg: decode(image.slice(SVG_PREFIX.length)) };
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
