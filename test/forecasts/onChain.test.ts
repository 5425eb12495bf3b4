import { expect } from "chai";
import hre from "hardhat";
import { connectContract } from "../../src/chain/contract.ts";
import { EXCHANGE_ABI } from "../../src/chain/exchangeAbi.ts";
import { fetchEvents } from "../../src/chain/logs.ts";
import { zoneSeries } from "../../src/forecasts/index.ts";
import { fetchLedger } from "../../src/ledger/index.ts";
import { playSmallRun } from "../audit/smallRun.ts";

describe("a zone's history on a chain", function () {
  this.timeout(240_000);

  it("has the prices that the exchange holds, and its meters' energy to the watt-hour", async () => {
    const run = await playSmallRun(await hre.network.create());
    const { rpc, deployment } = run;
    const address = deployment.contracts.EnergyExchange ?? "";
    const toBlock = await run.market.connection.ethers.provider.getBlockNumber();
    const events = await fetchEvents({ rpc, abi: EXCHANGE_ABI, address, fromBlock: 0, toBlock });
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
});
