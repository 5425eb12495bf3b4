import { setNextBlockTime } from "../chain/localChain.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { TRANSACTION_GAS_CAP, type Sender } from "../chain/sender.ts";
import { singleSender, type TransactionSender } from "../market/service/exchangeLink.ts";

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
 * A service's sender whose blocks have the clock's time, however long the machine takes: a run is the same every time. Gas
 * costs nothing here, so the node need not try every transaction before it runs it.
 */
export function clockedSender(rpc: RpcClient, sender: Sender, clock: LocalClock): TransactionSender {
  const single = singleSender({
    ...sender,
    send: (requests, options) =>
      sender.send(
        requests.map((request) => ({ ...request, gasLimit: TRANSACTION_GAS_CAP })),
        options,
      ),
  });
  return {
    ...single,
    async sendAndWait(transaction) {
      await setNextBlockTime(rpc, clock.now());
      return single.sendAndWait(transaction);
    },
  };
}
