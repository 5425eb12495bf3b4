import { decodeBytes32String } from "ethers";
import type { MeterAnswer } from "../../../api/meter.ts";
import type { ServerContext } from "../../context.ts";
import { sourceOf } from "./answers.ts";
import { eventsOf } from "./events.ts";

const MOST = 100;

/** The badges of a site, newest first. */
export async function badgesOf({ store }: ServerContext, site: number): Promise<MeterAnswer["badges"]> {
  const key = { kind: "site", value: String(site) } as const;
  const earned = await eventsOf(store, "Badges", ["BadgeEarned"], { key }, { limit: MOST });
  if (earned.length === 0) return [];
  const quests = await eventsOf(store, "Badges", ["QuestAdded"], {}, { limit: 1_000 });
  const titles = new Map(quests.map(({ args }) => [args.quest, titleOf(args.title)]));
  return earned.map((event) => {
    const { quest, season } = event.args;
    // How the contract numbers its tokens.
    const tokenId = (BigInt(quest) << 64n) | (BigInt(season) << 32n) | BigInt(site);
    const title = titles.get(quest) ?? `Quest ${String(quest)}`;
    return { tokenId: String(tokenId), title, season, source: sourceOf(event) };
  });
}

/** Governance may give a title that is no text. */
function titleOf(bytes: string): string {
  try {
    return decodeBytes32String(bytes);
  } catch {
    return bytes;
  }
}
