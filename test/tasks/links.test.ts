import { expect } from "chai";
import { mineAt } from "../../src/chain/localChain.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const EXPLORER = "http://127.0.0.1:5999";
const METER = /0x[0-9a-fA-F]{40}/;

describe("commands whose work the explorer shows", () => {
  let own: OwnNode;
  before(async () => {
    own = await startOwnNode(S - 30);
    process.env.JOULEWORK_EXPLORER = EXPLORER;
  });
  after(async () => {
    delete process.env.JOULEWORK_EXPLORER;
    await own.stop();
  });

  it("end with a link to its page: a deployment, an order on chain, a reading", async () => {
    expect(await own.succeeds("deploy")).to.match(/See http:\/\/127\.0\.0\.1:5999\/$/);
    await mineAt(own.rpc, S * SLOT_SECONDS + 5);
    await own.succeeds("zone", { zone: 1 });
    await own.succeeds("site", { zone: 1 });
    const said = await own.succeeds("meter", { site: 1, kind: "consumer", ratedPower: 4000, device: 0 });
    const meter = METER.exec(said)?.[0] ?? "";
    await own.succeeds("deposit", { amount: "25", meter, buy: true });
    await own.succeeds("deposit", { amount: "25", site: 1, buy: true });
    const order = { slot: S + 3, bid: 100, limit: "0.30", meter, place: true };
    expect(await own.succeeds("order", order)).to.match(new RegExp(`See ${EXPLORER}/slot/1/${String(S + 3)}$`));
    await mineAt(own.rpc, (S + 1) * SLOT_SECONDS + 10);
    const reading = { zone: 1, slot: S, importWh: 100, exportWh: 0, device: 0 };
    expect(await own.succeeds("settle", reading)).to.match(new RegExp(`See ${EXPLORER}/slot/1/${String(S)}$`));
  });
});
