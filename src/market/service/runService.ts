import { connectExchange } from "../../chain/exchange.ts";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { createSender } from "../../chain/sender.ts";
import type { Deployment } from "../../chain/deployment.ts";
import { formatForUser } from "../../errors.ts";
import { serviceLoop } from "../../journal/serviceLoop.ts";
import type { JsonServer } from "../../journal/serveJson.ts";
import { marketDomain } from "../messages.ts";
import type { MarketDomain } from "../messages.ts";
import { createCloser } from "./createCloser.ts";
import { createCloserChain } from "./closerChain.ts";
import { singleSender } from "./exchangeLink.ts";
import type { ExchangeLink, TransactionSender } from "./exchangeLink.ts";

export interface RunServiceParameters {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly privateKey: string;
  /** Zones whose slots this service closes; one service a zone is enough. */
  readonly closeZones?: readonly number[];
  readonly pollMs?: number;
  /** One line for the operator. */
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What a service is built from. */
export interface ServiceGround {
  readonly exchange: ConnectedExchange;
  readonly sender: TransactionSender;
  readonly domain: MarketDomain;
}

/** A service that can be run in real time. */
export interface RunnableService {
  readonly link: ExchangeLink;
  /** What the step did, or undefined where nothing happened. */
  step(chainTime: number): Promise<string | undefined>;
  serve(lastError: () => string | undefined): Promise<JsonServer>;
  close(): void;
}

const POLL_MS = 1_000;

/**
 * Runs a service by the time of the chain's newest block until the signal. A node that is away, a full disk or a
 * refusal never ends it; the same error is reported once.
 */
export async function runService(
  { rpcUrl, deployment, privateKey, closeZones = [], pollMs = POLL_MS, report, signal }: RunServiceParameters,
  open: (ground: ServiceGround) => RunnableService,
): Promise<void> {
  const exchange = await connectExchange({ rpcUrl, deployment });
  const sender = singleSender(createSender({ rpc: exchange.rpc, privateKey, chainId: deployment.chainId }));
  const domain = marketDomain(deployment.chainId, exchange.address);
  const service = open({ exchange, sender, domain });
  const closer =
    closeZones.length === 0
      ? undefined
      : createCloser({ chain: createCloserChain(exchange, sender), zones: closeZones });
  let problem: string | undefined;
  let server: JsonServer | undefined;
  try {
    server = await service.serve(() => problem);
    report(`listening on ${server.url} as ${sender.address}`);
    await serviceLoop({
      signal,
      pauseMs: pollMs,
      round: async () => {
        const { timestamp } = await service.link.head();
        const line = await service.step(timestamp);
        if (line !== undefined) report(line);
        const closing = await closer?.step(timestamp);
        for (const { zone, slot } of closing?.closed ?? []) report(`closed slot ${slot} of zone ${zone}`);
        if (problem !== undefined) report("all is well again");
        problem = undefined;
      },
      onError: (error) => {
        const text = formatForUser(error);
        if (text !== problem) report(text);
        problem = text;
      },
    });
  } finally {
    await server?.close();
    service.close();
  }
}
