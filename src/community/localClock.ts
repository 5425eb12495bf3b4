import type { Receipt } from "../chain/calls.ts";
import { setNextBlockTime } from "../chain/localChain.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { TRANSACTION_GAS_CAP, type Sender } from "../chain/sender.ts";

/** The time of a local chain, which its driver sets and which stands still in between. */
export interface LocalClock {
  /** Unix seconds. */
  readonly now: () => number;
  /** Moves on; nothing is mined, the next block has this time. */
  readonly set: (unixSeconds: number) => void;
}

/** A clock that starts at `unixSeconds`. */
export function localClock(unixSeconds: number): LocalClock {
  let time = unixSeconds;
  return {
    now: () => time,
    set: (next) => {
      if (next < time) throw new RangeError("a chain's time never goes back");
      time = next;
    },
  };
}

/**
 * A sender whose blocks have the clock's time, one a transaction, however long the machine takes: a run is the same every
 * time. Gas costs nothing here, so the node need not try every transaction before it runs it.
 */
export function clockedSender(rpc: RpcClient, sender: Sender, clock: LocalClock): Sender {
  return {
    ...sender,
    async send(requests, options) {
      const receipts: Receipt[] = [];
      for (const request of requests) {
        await setNextBlockTime(rpc, clock.now());
        receipts.push(...(await sender.send([{ ...request, gasLimit: TRANSACTION_GAS_CAP }], options)));
      }
      return receipts;
    },
  };
}
