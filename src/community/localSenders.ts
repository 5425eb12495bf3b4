import type { ConnectedExchange } from "../chain/exchange.ts";
import { localKey, type LocalAccount } from "../chain/localChain.ts";
import { createSender, type Sender } from "../chain/sender.ts";

export interface LocalSenders {
  /** The sender of an account of the local node, always the same one: it keeps the nonce. */
  readonly of: (account: LocalAccount) => Sender;
}

/** Senders of the local node's accounts. */
export function localSenders(exchange: ConnectedExchange): LocalSenders {
  const known = new Map<LocalAccount, Sender>();
  return {
    of(account) {
      const found = known.get(account);
      if (found !== undefined) return found;
      const { chainId } = exchange.deployment;
      const sender = createSender({ rpc: exchange.rpc, privateKey: localKey(account), chainId });
      known.set(account, sender);
      return sender;
    },
  };
}
