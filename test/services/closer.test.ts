import { ZeroHash } from "ethers";
import { expect } from "chai";
import { createCloser } from "../../src/market/service/createCloser.ts";
import { ContractRefusal } from "../../src/market/service/exchangeLink.ts";
import type { CloserChain, SlotState } from "../../src/market/service/types.ts";
import { readingDeadline } from "../../src/market/timeline.ts";
import { slotEnd } from "../../src/units.ts";

const SLOT = 1_944_960;

function record(changes: Partial<SlotState> = {}): SlotState {
  return {
    committed: false,
    cleared: false,
    bookCleared: false,
    feederRead: false,
    bookHash: ZeroHash,
    placedCount: 0,
    openPositions: 0,
    readCount: 0,
    ...changes,
  };
}

describe("closer", () => {
  let closedThrough: number;
  let newestSlot: number;
  let records: Map<number, SlotState>;
  let open: string[];
  let calls: string[];
  let waiting: boolean;

  const chain: CloserChain = {
    account: "0x00000000000000000000000000000000000000aa",
    head: () => Promise.resolve({ blockNumber: 1, timestamp: 0 }),
    isCanonical: () => Promise.resolve(true),
    hasWaiting: () => Promise.resolve(waiting),
    send: () => Promise.reject(new Error("unused")),
    zone: () => Promise.resolve({ closedThrough, newestSlot, activeMeters: 3 }),
    slot: (_zone, slot) => Promise.resolve(records.get(slot)),
    openPositions: () => Promise.resolve(open),
    closeSlot: (_zone, slot, meters) => {
      calls.push(`close ${slot - SLOT} ${meters.join(",")}`);
      open = open.filter((meter) => !meters.includes(meter));
      if (open.length > 0) return Promise.resolve(false);
      closedThrough = slot;
      return Promise.resolve(true);
    },
    passOver: (_zone, through) => {
      calls.push(`pass over through ${through - SLOT}`);
      closedThrough = through;
      return Promise.resolve();
    },
  };
  const closer = createCloser({ chain, zones: [1], batchSize: 2, passOverSlots: 8 });

  beforeEach(() => {
    closedThrough = SLOT - 1;
    newestSlot = SLOT;
    records = new Map([[SLOT, record()]]);
    open = [];
    calls = [];
    waiting = false;
  });

  it("waits for the reading deadline while a meter is unread", async () => {
    await closer.step(readingDeadline(SLOT) - 1);
    expect(calls).to.deep.equal([]);
    await closer.step(readingDeadline(SLOT));
    expect(calls).to.deep.equal(["close 0 "]);
  });

  it("closes at the slot's end once every meter and the feeder are read", async () => {
    records.set(SLOT, record({ readCount: 3, feederRead: true }));
    await closer.step(slotEnd(SLOT) - 1);
    expect(calls).to.deep.equal([]);
    await closer.step(slotEnd(SLOT));
    expect(calls).to.deep.equal(["close 0 "]);
  });

  it("settles open positions in batches and closes with the last of them", async () => {
    open = ["a", "b", "c", "d", "e"];
    records.set(SLOT, record({ openPositions: 5 }));
    const { closed, transactions } = await closer.step(readingDeadline(SLOT));
    expect(calls).to.deep.equal(["close 0 a,b", "close 0 c,d", "close 0 e"]);
    expect([closed, transactions]).to.deep.equal([[{ zone: 1, slot: SLOT }], 3]);
  });

  it("closes slots in their order and stops at the first that is not due", async () => {
    newestSlot = SLOT + 2;
    records.set(SLOT + 2, record());
    await closer.step(readingDeadline(SLOT + 1));
    expect(calls).to.deep.equal(["close 0 "]);
    await closer.step(readingDeadline(SLOT + 2));
    expect(calls).to.deep.equal(["close 0 ", "close 2 "]);
  });

  it("passes over untouched slots only when there are enough of them", async () => {
    newestSlot = SLOT - 1;
    records.clear();
    await closer.step(readingDeadline(SLOT + 6));
    expect(calls).to.deep.equal([]);
    await closer.step(readingDeadline(SLOT + 7));
    expect(calls).to.deep.equal(["pass over through 7"]);
  });

  it("finds its way over more untouched slots than a step looks at, to those that were touched since", async () => {
    newestSlot = SLOT + 300;
    records = new Map([[SLOT + 300, record()]]);
    for (let step = 0; step < 3; ++step) await closer.step(readingDeadline(SLOT + 300));
    expect(calls).to.deep.equal(["pass over through 127", "pass over through 255", "close 300 "]);
  });

  it("sends nothing while an earlier transaction waits, and takes a refusal as somebody else's success", async () => {
    waiting = true;
    expect((await closer.step(readingDeadline(SLOT))).blocked).to.equal(true);
    expect(calls).to.deep.equal([]);
    waiting = false;
    const refusing: CloserChain = {
      ...chain,
      closeSlot: () => Promise.reject(new ContractRefusal("ClosingOutOfOrder")),
    };
    const step = await createCloser({ chain: refusing, zones: [1] }).step(readingDeadline(SLOT));
    expect(step.closed).to.deep.equal([]);
  });

  it("asks once for an early closing that the contract refuses, and closes at the deadline", async () => {
    // A meter was suspended after the slot: the contract waits for the deadline although as many are read as are active.
    records.set(SLOT, record({ readCount: 3, feederRead: true }));
    let asked = 0;
    const refusing: CloserChain = {
      ...chain,
      closeSlot: (...parameters) => {
        asked += 1;
        return time < readingDeadline(SLOT)
          ? Promise.reject(new ContractRefusal("ClosingTooEarly"))
          : chain.closeSlot(...parameters);
      },
    };
    let time = slotEnd(SLOT);
    const patient = createCloser({ chain: refusing, zones: [1] });
    expect((await patient.step(time)).closed).to.deep.equal([]);
    time += 60;
    expect(await patient.step(time)).to.deep.equal({ closed: [], transactions: 0, blocked: false });
    expect(asked).to.equal(1);
    time = readingDeadline(SLOT);
    expect((await patient.step(time)).closed).to.deep.equal([{ zone: 1, slot: SLOT }]);
  });
});
