import { expect } from "chai";
import { communityMembers } from "../../src/community/members.ts";
import { defaultCommunity } from "../../src/community/defaultCommunity.ts";
import { peerToPeer } from "../../src/community/peerToPeer.ts";
import type { ExchangeEvent } from "../../src/chain/exchange.ts";
import { decodeMeterWord, encodeMeterWord } from "../../src/market/meterWord.ts";
import { encodeFill, type Fill } from "../../src/market/packed.ts";

const S = 1_944_960;
const members = communityMembers(defaultCommunity({ meters: 24, seed: 1 }), 1).filter(({ zone }) => zone === 1);
const [first, second, third] = members.filter(({ kind }) => kind !== "feeder").map(({ key }) => key.address);
const feeder = members.find(({ kind }) => kind === "feeder")?.key.address;

// Of an event, only what is looked at.
const read = (meter: string | undefined, slot: number, importWh: number, exportWh: number): ExchangeEvent => {
  const word = encodeMeterWord({ ...decodeMeterWord(0n), zone: 1, lastSlot: slot, importWh, exportWh });
  return { name: "ReadingSettled", args: { meter, word } } as unknown as ExchangeEvent;
};
const fill = (meter: string | undefined, slot: number, side: Fill["side"], filledWh: number): ExchangeEvent => {
  const money = { limitPrice: 200_000, feeTicks: 0n, balanceTicks: 0n };
  const packed = encodeFill({ zone: 1, slot, side, filledWh, energyWh: filledWh, placed: false, ...money });
  return { name: "OrderCleared", args: { meter, fill: packed } } as unknown as ExchangeEvent;
};

describe("trade beside its physical ceiling", () => {
  it("counts the smaller of what sellers gave and buyers took, and of total surplus and deficit", () => {
    const events = [
      read(first, S - 1, 1_000, 5_000),
      read(second, S - 1, 700, 0),
      read(third, S - 1, 0, 0),
      fill(first, S, "offer", 900),
      fill(second, S, "bid", 600),
      fill(third, S, "bid", 300),
      // 800 given, after 100 taken from it behind the meter; 500 and 450 taken; the feeder's own flow is no trade.
      read(first, S, 1_100, 5_900),
      read(second, S, 1_200, 0),
      read(third, S, 450, 0),
      read(feeder, S, 150, 0),
    ];
    expect(peerToPeer(events, members, S, 1)).to.deep.equal([
      { zone: 1, slot: S, matchedWh: 900, deliveredWh: 800, ceilingWh: 800 },
    ]);
  });

  it("holds a buyer that took less than it bought to what it took", () => {
    const events = [
      fill(first, S, "offer", 900),
      fill(second, S, "bid", 900),
      read(first, S, 0, 1_000),
      read(second, S, 250, 0),
      read(third, S, 500, 0),
    ];
    expect(peerToPeer(events, members, S, 1)).to.deep.equal([
      { zone: 1, slot: S, matchedWh: 900, deliveredWh: 250, ceilingWh: 750 },
    ]);
  });

  it("leaves out slots before and after the run", () => {
    const events = [read(first, S - 1, 10, 0), read(first, S, 20, 0), read(first, S + 1, 30, 0)];
    expect(peerToPeer(events, members, S, 1).map(({ slot }) => slot)).to.deep.equal([S]);
  });
});
