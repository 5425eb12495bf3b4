import { getAddress, ZeroAddress } from "ethers";
import type { EventOf, ResultOf } from "../../../src/chain/abiTypes.ts";
import type { Receipt } from "../../../src/chain/calls.ts";
import { COMPUTE_MARKET_ABI } from "../../../src/chain/computeAbi.ts";
import type { LocalAccount } from "../../../src/chain/localChain.ts";
import { createLogDecoder } from "../../../src/chain/logDecoder.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { ticksToBaseUnits } from "../../../src/units.ts";
import type { Session } from "./session.ts";

/** An offer as the market has it, withdrawn ones included. */
export async function readOffer(
  session: Session,
  offer: number,
): Promise<ResultOf<typeof COMPUTE_MARKET_ABI, "offerInfo">> {
  const terms = await session.contract("ComputeMarket").read("offerInfo", [BigInt(offer)]);
  if (terms.provider !== ZeroAddress) return terms;
  throw new JouleworkError({
    code: "OFFER_UNKNOWN",
    what: "There is no such offer",
    values: { offer },
    hint: "joulework:offers lists those that are open.",
  });
}

/** Calls the market for an account; returns its events of the call. */
export async function callMarket(
  session: Session,
  account: LocalAccount,
  data: string,
): Promise<EventOf<typeof COMPUTE_MARKET_ABI>[]> {
  const { address } = session.contract("ComputeMarket");
  return marketEventsOf(address, await session.send(account, data, address));
}

/** Lets the market take credits from an account, and no more than these. */
export async function letMarketTake(session: Session, account: LocalAccount, ticks: bigint): Promise<void> {
  const credit = session.contract("EnergyCredit");
  const { address } = session.contract("ComputeMarket");
  await session.send(account, credit.encode("approve", [address, ticksToBaseUnits(ticks)]), credit.address);
}

function marketEventsOf(market: string, { logs }: Receipt): EventOf<typeof COMPUTE_MARKET_ABI>[] {
  const decode = createLogDecoder(COMPUTE_MARKET_ABI);
  return logs.filter(({ address }) => getAddress(address) === market).flatMap((log) => decode(log) ?? []);
}
