import { runService } from "../../market/service/runService.ts";
import type { RunServiceParameters } from "../../market/service/runService.ts";
import { createGatewayChain } from "./gatewayChain.ts";
import { openGateway } from "./openGateway.ts";
import { serveGateway } from "./serveGateway.ts";

export interface RunGatewayParameters extends RunServiceParameters {
  readonly journalPath: string;
  readonly port: number;
  readonly confirmations?: number;
  readonly maxPages?: number;
}

/** Runs the gateway in real time until the signal. */
export function runGateway(parameters: RunGatewayParameters): Promise<void> {
  const { journalPath, port, confirmations, maxPages } = parameters;
  return runService(parameters, ({ exchange, sender, domain }) => {
    const chain = createGatewayChain(exchange, sender);
    const gateway = openGateway({
      journalPath,
      chain,
      domain,
      ...(confirmations === undefined ? {} : { confirmations }),
      ...(maxPages === undefined ? {} : { maxPages }),
    });
    return {
      link: chain,
      async step(chainTime) {
        const { transactions, settled, refused, postponed, final } = await gateway.step(chainTime);
        const done = { transactions, settled, refused, postponed, final };
        const parts = Object.entries(done).filter(([, count]) => count > 0);
        return parts.length === 0 ? undefined : parts.map(([what, count]) => `${count} ${what}`).join(", ");
      },
      serve: (lastError) => serveGateway({ gateway, port, lastError }),
      close: () => gateway.close(),
    };
  });
}
