import type { Session } from "./session.ts";

/** The number that the next registered site gets. */
export async function nextSite({ exchange }: Session): Promise<number> {
  return (await exchange.events({ names: ["SiteRegistered"] })).length + 1;
}
