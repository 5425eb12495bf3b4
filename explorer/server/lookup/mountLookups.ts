import type { Context, Hono } from "hono";
import type { ServerContext } from "../context.ts";
import { localPagesMayRead } from "../security.ts";
import { readSignatures, type Signatures } from "./signatures.ts";

/**
 * What Otterscan fetches from its server of assets, under `/lookup`: signatures by selector and by topic, several of them
 * with `;` between, and the chain's name. It has no token logos, and whatever else is asked for is not there.
 */
export function mountLookups(app: Hono, context: ServerContext): void {
  let running: Promise<Signatures> | undefined;
  const signatures = (): Promise<Signatures> =>
    (running ??= readSignatures(context).catch((error: unknown) => {
      // Whoever asks next tries again.
      running = undefined;
      throw error;
    }));
  const { chainId, network } = context.deployment;

  app.use("/lookup/*", localPagesMayRead());
  app.get("/lookup/signatures/:hash", async (request) => {
    return answer(request, (await signatures()).selectors.get(request.req.param("hash")));
  });
  app.get("/lookup/topic0/:hash", async (request) => {
    return answer(request, (await signatures()).topics.get(request.req.param("hash")));
  });
  app.get(`/lookup/chains/eip155-${chainId}.json`, (request) => {
    const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
    return request.json({ name: network, chainId, faucets: [], nativeCurrency });
  });
  app.all("/lookup/*", (request) => answer(request, undefined));
}

function answer(request: Context, texts: readonly string[] | undefined): Response {
  return texts === undefined ? request.text("not found", 404) : request.text(texts.join(";"));
}
