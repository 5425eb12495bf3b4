import { blockCall } from "../../../src/chain/calls.ts";
import type { LocalAccount } from "../../../src/chain/localChain.ts";
import { openSeasons, type OpenSeasons } from "../../../src/game/openSeasons.ts";
import { slotOf } from "../../../src/units.ts";
import type { Session } from "./session.ts";

/** The seasons of a session's deployment, acted in by one of its accounts. */
export async function seasonsOf({ exchange, sender }: Session, as: LocalAccount): Promise<OpenSeasons> {
  return openSeasons({ exchange, sender: await sender(as) });
}

/** The chain's present slot. */
export async function slotNow({ exchange }: Session): Promise<number> {
  return slotOf((await exchange.rpc.call(blockCall("latest")))?.timestamp ?? 0);
}
