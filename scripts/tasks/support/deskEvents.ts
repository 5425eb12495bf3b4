import { getAddress } from "ethers";
import type { EventOf } from "../../../src/chain/abiTypes.ts";
import type { Receipt } from "../../../src/chain/calls.ts";
import { createLogDecoder } from "../../../src/chain/logDecoder.ts";
import { DESK_ABI } from "../../../src/chain/tokenAbi.ts";
import type { Session } from "./session.ts";

/** The desk's events of a receipt. */
export function deskEventsOf(session: Session, { logs }: Receipt): EventOf<typeof DESK_ABI>[] {
  const { address: desk } = session.contract("CreditDesk");
  const decode = createLogDecoder(DESK_ABI);
  return logs.filter(({ address }) => getAddress(address) === desk).flatMap((log) => decode(log) ?? []);
}
