import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import hre from "hardhat";
import { connectContract } from "../../src/chain/contract.ts";
import type { ExchangeEvent } from "../../src/chain/exchange.ts";
import { EXCHANGE_ABI } from "../../src/chain/exchangeAbi.ts";
import { fetchEvents } from "../../src/chain/logs.ts";
import { forecastZone, zoneSeries, type ZoneForecast } from "../../src/forecasts/index.ts";
import { fetchLedger } from "../../src/ledger/index.ts";
import { playSmallRun, type SmallRun } from "../audit/smallRun.ts";
import { serveConnection } from "../training/jobs/rpcBridge.ts";

const ROOT = resolve(import.meta.dirname, "../..");

describe("a zone's history on a chain", () => {
  let run: SmallRun;
  let events: ExchangeEvent[];

  before(async () => {
    run = await playSmallRun(await hre.network.create());
    const address = run.deployment.contracts.EnergyExchange ?? "";
    const toBlock = await run.market.connection.ethers.provider.getBlockNumber();
    events = await fetchEvents({ rpc: run.rpc, abi: EXCHANGE_ABI, address, fromBlock: 0, toBlock });
  });

  it("has the prices that the exchange holds, and its meters' energy to the watt-hour", async () => {
    const { rpc, deployment } = run;
    const address = deployment.contracts.EnergyExchange ?? "";
    const { load, importPrice, exportPrice } = zoneSeries(events, 1);

    const exchange = connectContract({ rpc, abi: EXCHANGE_ABI, address });
    const length = importPrice?.values.length ?? 0;
    expect(length).to.be.greaterThan(0);
    const last = (importPrice?.firstSlot ?? 0) + length - 1;
    const held = await exchange.read("tariffAt", [1, last]);
    expect([importPrice?.values[length - 1], exportPrice?.values[length - 1]]).to.deep.equal([
      held.importPrice,
      held.exportPrice,
    ]);

    // What the registers of loads rose by up to the newest closed slot is in the series, however long its readings' gaps.
    const { meters, readings } = await fetchLedger(run);
    const loads = new Set(
      meters.filter(({ role, zone }) => zone === 1 && (role === "load" || role === "mixed")).map(({ meter }) => meter),
    );
    const through = (load?.firstSlot ?? 0) + (load?.values.length ?? 0) - 1;
    const own = readings.filter(({ meter }) => loads.has(meter));
    expect(own.length).to.be.greaterThan(0);
    const seen = own.filter(({ slot }) => slot <= through).reduce((sum, { importWh }) => sum + importWh, 0);
    const all = own.reduce((sum, { importWh }) => sum + importWh, 0);
    const total = Array.from(load?.values ?? []).reduce((sum, value) => sum + value, 0);
    expect(total).to.be.within(seen, all);
  });

  it("is forecast by the command from its node and record alone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "joulework-forecast-"));
    const bridge = await serveConnection(run.market.connection);
    try {
      writeFileSync(join(folder, "test.json"), JSON.stringify(run.deployment));
      const json = join(folder, "figures.json");
      const chain = ["--network", "test", "--deployments", folder, "--rpc", bridge.url];
      const words = ["--import", "./scripts/quiet.mjs", "scripts/forecast.ts", ...chain, "--zone", "1", "--json", json];
      const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: ROOT });
      expect(stdout).to.include("Zone 1").and.to.include("importPrice");
      const forecast = JSON.parse(readFileSync(json, "utf8")) as ZoneForecast;
      // The command asks the node for the few kinds of events that it needs; here all of them were read.
      expect(forecast).to.deep.equal(await forecastZone(1, zoneSeries(events, 1), 96));
      expect(forecast.series.some(({ values }) => values.length === 96)).to.equal(true);
    } finally {
      bridge.close();
      rmSync(folder, { recursive: true });
    }
  });
});
