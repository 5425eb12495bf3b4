import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { MaxUint256 } from "ethers";
import { network } from "hardhat";
import type { Deployment } from "../../src/chain/deployment.ts";
import { withCompute } from "../audit/computeRun.ts";
import { deploymentOf } from "../audit/smallRun.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket } from "../support/testMarket.ts";
import { accountKey } from "./serviceKeys.ts";

/** What the process prints once, as a line of JSON, when it serves. */
export interface TestChainInfo {
  readonly url: string;
  readonly chainId: number;
  readonly exchange: string;
  /** Every contract that an audit asks for. */
  readonly deployment: Deployment;
  readonly zone: number;
  /** Slot that the chain stands in. */
  readonly slot: number;
  /** Meters with the keys "test key 0", "test key 1" and so on. */
  readonly meters: readonly string[];
  /** Funded keys that nothing else uses. */
  readonly gatewayKey: string;
  readonly matcherKey: string;
  readonly workerKey: string;
}

export interface TestChainParameters {
  readonly meters: number;
  /** Pause between blocks. */
  readonly blockMs: number;
  /** What a block adds to the chain's time. */
  readonly blockSeconds: number;
  /** Numbers of accounts that are made providers with a meter, `PROVIDER_TICKS` of stake and as many credits. */
  readonly providers?: readonly number[];
}

export const PROVIDER_TICKS = 10_000n;

interface Message {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * A node of its own with the real contracts, one zone, its bonded matcher and registered meters. Blocks come by the clock,
 * so that transactions wait for theirs as on a chain that is not ours; `test_jump` moves the chain's time on.
 */
export async function serveTestChain({
  meters,
  blockMs,
  blockSeconds,
  providers = [],
}: TestChainParameters): Promise<void> {
  const connection = await network.create();
  const { provider } = connection;
  const market = await deployTestMarket(connection);
  const owner = market.signers[10];
  if (owner === undefined) throw new Error("the test chain has too few accounts");
  const site = await market.addSite(owner, undefined);
  const addresses: string[] = [];
  for (let i = 0; i < meters; i += 1) addresses.push((await market.addMeter({ owner, site })).address);
  for (const index of providers) await addProvider(market, index);

  await provider.request({ method: "evm_setAutomine", params: [false] });
  let jumpTo = 0;
  let time = (await market.connection.ethers.provider.getBlock("latest"))?.timestamp ?? 0;
  void (async () => {
    for (;;) {
      time = Math.max(time + blockSeconds, jumpTo);
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [time] });
      await provider.request({ method: "evm_mine" });
      await sleep(blockMs);
    }
  })();

  async function answer({ id, method, params }: Message): Promise<unknown> {
    try {
      if (method === "test_jump") {
        jumpTo = Number(params[0]);
        return { jsonrpc: "2.0", id, result: true };
      }
      const result: unknown = await provider.request({ method, params: [...params] });
      return { jsonrpc: "2.0", id, result: result ?? null };
    } catch (error) {
      const { code, data } = error as { code?: number; data?: unknown };
      return { jsonrpc: "2.0", id, error: { code: code ?? -32_000, message: String(error), data } };
    }
  }

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      void (async () => {
        const body: unknown = JSON.parse(Buffer.concat(parts).toString("utf8"));
        const answers: unknown[] = [];
        for (const message of Array.isArray(body) ? body : [body]) answers.push(await answer(message as Message));
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
      })();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const info: TestChainInfo = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chainId: market.domain.fields.chainId,
    exchange: await market.exchange.getAddress(),
    deployment: withContract(
      await withCompute(await deploymentOf(market), market),
      "ReproducibleJobs",
      await market.reproducibleJobs.getAddress(),
    ),
    zone: 1,
    slot: FIRST_SLOT,
    meters: addresses,
    gatewayKey: accountKey(8),
    matcherKey: accountKey(7),
    workerKey: accountKey(6),
  };
  process.stdout.write(`${JSON.stringify(info)}\n`);
}

function withContract(deployment: Deployment, name: string, address: string): Deployment {
  return { ...deployment, contracts: { ...deployment.contracts, [name]: address } };
}

async function addProvider(market: TestMarket, index: number): Promise<void> {
  const owner = market.signers[index];
  if (owner === undefined) throw new Error("the test chain has too few accounts");
  const { providers, credit } = market;
  const meter = await market.addMeter({ owner, kind: "consumer" });
  await providers.connect(owner).registerProvider(owner.address, meter.address, 1);
  await market.fund(owner, 2n * PROVIDER_TICKS);
  await credit.connect(owner).approve(providers, MaxUint256);
  await providers.connect(owner).postStake(owner.address, PROVIDER_TICKS);
}
