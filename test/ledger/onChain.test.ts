import { expect } from "chai";
import hre from "hardhat";
import { EXCHANGE_ABI } from "../../src/chain/exchangeAbi.ts";
import { fetchEvents } from "../../src/chain/logs.ts";
import { energyLedger, fetchLedger } from "../../src/ledger/index.ts";
import { playSmallRun } from "../audit/smallRun.ts";

describe("the energy ledger of a chain", () => {
  it("closes to the watt-hour over a history with silence, faults and farewells, and agrees with what the exchange summed", async () => {
    const connection = await hre.network.create();
    const run = await playSmallRun(connection);
    const ledger = energyLedger(await fetchLedger(run));
    expect(ledger.differences).to.deep.equal([]);
    const rows = new Map(ledger.rows.map((row) => [row.slot, row]));
    const address = run.deployment.contracts.EnergyExchange ?? "";
    const latest = await connection.ethers.provider.getBlockNumber();
    const closings = await fetchEvents({
      ...{ rpc: run.rpc, abi: EXCHANGE_ABI, address, fromBlock: 0, toBlock: latest },
      names: ["SlotClosed"],
    });
    let compared = 0;
    for (const { args } of closings) {
      const row = rows.get(args.slot);
      if (row?.complete !== true) continue;
      compared += 1;
      expect(row.consumptionWh + row.storageInWh, String(args.slot)).to.equal(args.importWh);
      expect(row.generationWh + row.surplusWh + row.storageOutWh, String(args.slot)).to.equal(args.exportWh);
      expect(row.importWh - row.exportWh, String(args.slot)).to.equal(args.feederWh);
    }
    expect(compared).to.be.greaterThan(0);
  });
});
