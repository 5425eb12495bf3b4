import { JouleworkError } from "../../errors.ts";
import { blockCall, nonceCall } from "../../chain/calls.ts";
import type { Receipt } from "../../chain/calls.ts";
import type { ConnectedExchange, ExchangeEvent } from "../../chain/exchange.ts";
import { EXCHANGE_ABI } from "../../chain/exchangeAbi.ts";
import { createLogDecoder } from "../../chain/logDecoder.ts";
import { RpcError } from "../../chain/rpcErrors.ts";
import type { Sender } from "../../chain/sender.ts";
import { SendError } from "../../chain/senderErrors.ts";

/** A block that something happened in; the hash tells whether the chain still has it. */
export interface BlockMark {
  readonly number: number;
  readonly hash: string;
}

export interface ChainHead {
  readonly blockNumber: number;
  /** Unix seconds of the newest block: the only clock of the market. */
  readonly timestamp: number;
}

/** The one thing that a service needs to send: a transaction that is in a block when the promise resolves. */
export interface TransactionSender {
  readonly address: string;
  sendAndWait(transaction: { readonly to: string; readonly data: string }): Promise<Receipt>;
  /** Puts transactions of nothing in the place of what no block takes. */
  cancelWaiting(): Promise<unknown>;
}

/** What gateway, matcher and closer have in common towards the chain. */
export interface ExchangeLink {
  /** Whose transactions these are. */
  readonly account: string;
  head(): Promise<ChainHead>;
  isCanonical(block: BlockMark): Promise<boolean>;
  /** Whether a transaction of the account, of an earlier run perhaps, has not been taken into a block yet. */
  hasWaiting(): Promise<boolean>;
  /**
   * Sends calldata to the exchange and waits for its block. Throws `ContractRefusal` where the contract said no, so that
   * nothing has changed; any other error leaves open whether the transaction still arrives.
   */
  send(data: string): Promise<{ readonly block: BlockMark; readonly events: readonly ExchangeEvent[] }>;
}

/** The contract refused a whole transaction. */
export class ContractRefusal extends JouleworkError {
  /** Name of the contract's error, as in docs/errors.md. */
  readonly errorName: string;

  constructor(errorName: string, cause?: unknown) {
    super({
      code: "CONTRACT_REFUSED",
      what: "The contract refused the transaction, so nothing has changed",
      values: { error: errorName },
      hint: "Look the error up in docs/errors.md; the service tries again where that can help.",
      cause,
    });
    this.errorName = errorName;
  }
}

/** Sends single transactions through the library's sender. */
export function singleSender(sender: Sender): TransactionSender {
  return {
    address: sender.address,
    async sendAndWait({ to, data }) {
      const [receipt] = await sender.send([{ to, data }]);
      if (receipt === undefined) throw new RangeError("the sender gave no receipt");
      return receipt;
    },
    cancelWaiting: () => sender.cancelWaiting(),
  };
}

/** How long a transaction of an earlier run may wait for its block before its place is taken. */
const WAITING_PATIENCE_MS = 120_000;

/** The link over a connected exchange. */
export function createExchangeLink(
  exchange: ConnectedExchange,
  sender: TransactionSender,
  patienceMs = WAITING_PATIENCE_MS,
): ExchangeLink {
  const { rpc } = exchange;
  let waitingSince: number | undefined;
  const decode = createLogDecoder(EXCHANGE_ABI);
  return {
    account: sender.address,
    async head() {
      const block = await rpc.call(blockCall("latest"));
      if (block === undefined) throw noBlock(exchange.deployment.network);
      return { blockNumber: block.number, timestamp: block.timestamp };
    },
    async isCanonical({ number, hash }) {
      return (await rpc.call(blockCall(number)))?.hash === hash;
    },
    async hasWaiting() {
      const [mined, waiting] = await rpc.all([
        nonceCall(sender.address, "latest"),
        nonceCall(sender.address, "pending"),
      ]);
      if (mined === waiting) {
        waitingSince = undefined;
        return false;
      }
      waitingSince ??= Date.now();
      if (Date.now() - waitingSince > patienceMs) await sender.cancelWaiting();
      return true;
    },
    async send(data) {
      const receipt = await sendOrRefuse(sender, { to: exchange.address, data });
      const own = receipt.logs.filter(({ address }) => address.toLowerCase() === exchange.address.toLowerCase());
      return {
        block: { number: receipt.blockNumber, hash: receipt.blockHash },
        events: own.map((log) => decode(log)).filter((event) => event !== undefined),
      };
    },
  };
}

/** Sends and waits for the block. Throws `ContractRefusal` where a contract said no. */
export async function sendOrRefuse(
  sender: TransactionSender,
  transaction: { readonly to: string; readonly data: string },
): Promise<Receipt> {
  try {
    return await sender.sendAndWait(transaction);
  } catch (error) {
    if (error instanceof SendError && error.code === "TX_REVERTED") {
      const revert = error.cause instanceof RpcError ? error.cause.revert : undefined;
      throw new ContractRefusal(revert?.name ?? "unknown", error);
    }
    throw error;
  }
}

function noBlock(network: string): JouleworkError {
  return new JouleworkError({
    code: "CHAIN_EMPTY",
    what: "The node has no blocks",
    values: { network },
    hint: "Wait until it has synchronised.",
  });
}
