import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { JouleworkError } from "../../src/errors.ts";
import { signReading } from "../../src/market/sign.ts";
import { readingDeadline } from "../../src/market/timeline.ts";
import { openGateway } from "../../src/meters/gateway/openGateway.ts";
import type { Gateway, GatewayParameters } from "../../src/meters/gateway/openGateway.ts";
import type { ReadingInput } from "../../src/meters/gateway/types.ts";
import { slotEnd } from "../../src/units.ts";
import { FakeGatewayChain } from "./fakeGatewayChain.ts";
import { DOMAIN, numberedKey } from "./serviceKeys.ts";

const SLOT = 1_944_960;
const ZONE = 1;
const KEYS = Array.from({ length: 5 }, (_, number) => numberedKey(number));

describe("gateway", () => {
  let folder: string;
  let chain: FakeGatewayChain;
  let gateway: Gateway;
  let restart: (parameters?: Partial<GatewayParameters>) => void;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "joulework-gateway-"));
    chain = new FakeGatewayChain(DOMAIN);
    for (const { address } of KEYS) chain.addMeter(address, ZONE, SLOT - 1);
    const open = (parameters: Partial<GatewayParameters> = {}): Gateway =>
      openGateway({ journalPath: join(folder, "journal.sqlite"), chain, domain: DOMAIN, ...parameters });
    gateway = open();
    restart = (parameters) => {
      gateway.close();
      gateway = open(parameters);
    };
  });

  afterEach(() => {
    gateway.close();
    rmSync(folder, { recursive: true });
  });

  function reading(meter: number, slot: number, importWh = 100 * (slot - SLOT + 1), exportWh = 0): ReadingInput {
    const key = KEYS[meter] ?? numberedKey(meter);
    const { signature } = signReading(DOMAIN, key, { zone: ZONE, slot, importWh, exportWh });
    return { zone: ZONE, slot, importWh, exportWh, signature };
  }

  async function tick(time: number): Promise<Awaited<ReturnType<Gateway["step"]>>> {
    chain.time = time;
    return gateway.step(time);
  }

  function state(meter: number, slot: number): string {
    const status = gateway.status(KEYS[meter]?.address ?? "", slot);
    return status === undefined
      ? "unknown"
      : status.code === undefined
        ? status.state
        : `${status.state} ${status.code}`;
  }

  function effects(meter: number, slot: number): number {
    return chain.effects.get(`${KEYS[meter]?.address ?? ""}/${slot}`)?.length ?? 0;
  }

  async function codeOf(promise: Promise<unknown>): Promise<string> {
    const error: unknown = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error instanceof JouleworkError ? error.code : String(error);
  }

  describe("accepting a reading", () => {
    it("refuses the key of nobody's meter", async () => {
      expect(await codeOf(gateway.submit(reading(17, SLOT)))).to.equal("METER_UNKNOWN");
    });

    it("refuses a signature for another zone, which recovers to another address", async () => {
      expect(await codeOf(gateway.submit({ ...reading(0, SLOT), zone: 2 }))).to.equal("METER_UNKNOWN");
    });

    it("refuses a well-signed reading of a meter that belongs to another zone", async () => {
      chain.addMeter(numberedKey(20).address, 3, SLOT - 1);
      expect(await codeOf(gateway.submit(reading(20, SLOT)))).to.equal("METER_ZONE_WRONG");
    });

    it("refuses a register that was changed after it was signed", async () => {
      expect(await codeOf(gateway.submit({ ...reading(0, SLOT), importWh: 101 }))).to.equal("METER_UNKNOWN");
    });

    it("refuses a slot far ahead of both the chain and its own clock", async () => {
      restart({ wallClock: () => 0 });
      await tick(slotEnd(SLOT));
      expect(await codeOf(gateway.submit(reading(0, SLOT + 50)))).to.equal("READING_IN_FUTURE");
      expect(await codeOf(gateway.submit(reading(0, SLOT + 9)))).to.equal("undefined");
    });

    it("goes on taking readings while the node is away for hours", async () => {
      await tick(slotEnd(SLOT));
      await gateway.submit(reading(0, SLOT));
      restart({ wallClock: () => slotEnd(SLOT + 50) });
      await tick(slotEnd(SLOT));
      expect(await codeOf(gateway.submit(reading(0, SLOT + 50)))).to.equal("undefined");
    });

    it("gives the present status to the same reading again", async () => {
      await gateway.submit(reading(0, SLOT));
      await tick(slotEnd(SLOT));
      expect(await gateway.submit(reading(0, SLOT))).to.include({ state: "settled", slot: SLOT, importWh: 100 });
      await tick(slotEnd(SLOT) + 60);
      expect(chain.batches).to.deep.equal([1]);
    });

    it("refuses other registers of the same meter and slot, and the first ones stand", async () => {
      await gateway.submit(reading(0, SLOT, 100));
      expect(await codeOf(gateway.submit(reading(0, SLOT, 101)))).to.equal("READING_EQUIVOCATES");
      await tick(slotEnd(SLOT));
      expect(chain.meterStates.get(KEYS[0]?.address ?? "")?.importWh).to.equal(100);
    });

    it("takes all of a list or nothing of it", async () => {
      expect(await codeOf(gateway.submitAll([reading(0, SLOT), reading(30, SLOT)]))).to.equal("METER_UNKNOWN");
      expect(state(0, SLOT)).to.equal("unknown");
    });
  });

  describe("sending", () => {
    it("waits until the slot has ended", async () => {
      await gateway.submit(reading(0, SLOT));
      await tick(slotEnd(SLOT) - 1);
      expect(chain.batches).to.deep.equal([]);
      await tick(slotEnd(SLOT));
      expect(state(0, SLOT)).to.equal("settled");
    });

    it("puts a zone's readings of a slot into batches of the given size", async () => {
      restart({ batchSize: 2 });
      await gateway.submitAll(KEYS.map((_, meter) => reading(meter, SLOT)));
      await tick(slotEnd(SLOT));
      expect(chain.batches).to.deep.equal([2, 2, 1]);
      expect(gateway.health()).to.include({ settled: 5, waiting: 0 });
    });

    it("settles slots in their order although they arrived the other way round", async () => {
      await gateway.submit(reading(0, SLOT + 1));
      await gateway.submit(reading(0, SLOT));
      await tick(slotEnd(SLOT + 1));
      expect([state(0, SLOT), state(0, SLOT + 1)]).to.deep.equal(["settled", "settled"]);
    });

    it("tries a reading again whose earlier slot is still open, and settles it when that is over", async () => {
      await gateway.submit(reading(0, SLOT + 2));
      await tick(slotEnd(SLOT + 2));
      expect(state(0, SLOT + 2)).to.equal("waiting EarlierSlotOpen");
      await tick(slotEnd(SLOT + 2) + 1);
      expect(chain.batches).to.have.length(1);
      await tick(readingDeadline(SLOT + 1));
      expect(state(0, SLOT + 2)).to.equal("settled");
    });

    it("reports what the chain refuses for good by the contract's name", async () => {
      await gateway.submitAll([reading(0, SLOT, 500), reading(0, SLOT + 1, 400)]);
      await tick(slotEnd(SLOT + 1));
      expect(state(0, SLOT + 1)).to.equal("refused RegisterDecreased");
    });

    it("settles the others when one reading makes the contract refuse the whole batch", async () => {
      chain.poison = { meter: KEYS[3]?.address ?? "", error: "RecordInUse" };
      await gateway.submitAll(KEYS.map((_, meter) => reading(meter, SLOT)));
      await tick(slotEnd(SLOT));
      expect(KEYS.map((_, meter) => state(meter, SLOT))).to.deep.equal([
        "settled",
        "settled",
        "settled",
        "waiting RecordInUse",
        "settled",
      ]);
      chain.poison = undefined;
      await tick(slotEnd(SLOT) + 30);
      expect(state(3, SLOT)).to.equal("settled");
    });

    it("recognises its reading when somebody else has settled it before", async () => {
      await gateway.submit(reading(0, SLOT));
      chain.time = slotEnd(SLOT);
      await chain.settle(ZONE, SLOT, [reading(0, SLOT)]);
      await tick(slotEnd(SLOT));
      expect(state(0, SLOT)).to.equal("settled");
      expect(effects(0, SLOT)).to.equal(1);
    });

    it("says so when somebody else has settled other registers that the meter signed", async () => {
      await gateway.submit(reading(0, SLOT, 100));
      chain.time = slotEnd(SLOT);
      await chain.settle(ZONE, SLOT, [reading(0, SLOT, 90)]);
      await tick(slotEnd(SLOT));
      expect(state(0, SLOT)).to.equal("refused SettledWithOtherRegisters");
    });

    it("refuses a reading that a later one has carried past", async () => {
      chain.time = readingDeadline(SLOT);
      await chain.settle(ZONE, SLOT + 1, [reading(0, SLOT + 1)]);
      await gateway.submit(reading(0, SLOT));
      await tick(chain.time);
      expect(state(0, SLOT)).to.equal("refused ReadingTooOld");
    });
  });

  describe("when process or node die", () => {
    for (const mishap of ["answer lost", "never sent"] as const) {
      it(`settles exactly once after a restart when the ${mishap === "answer lost" ? "answer was lost" : "transaction never arrived"}`, async () => {
        await gateway.submitAll([reading(0, SLOT), reading(1, SLOT)]);
        chain.mishaps.push(mishap);
        expect(await codeOf(tick(slotEnd(SLOT)))).to.match(/the node died/);
        expect(state(0, SLOT)).to.equal("sending");
        restart();
        await tick(slotEnd(SLOT) + 15);
        expect([state(0, SLOT), state(1, SLOT)]).to.deep.equal(["settled", "settled"]);
        expect([effects(0, SLOT), effects(1, SLOT)]).to.deep.equal([1, 1]);
        expect(chain.batches).to.deep.equal([2]);
      });
    }

    it("sends nothing while an earlier transaction may still get into a block", async () => {
      await gateway.submit(reading(0, SLOT));
      chain.mishaps.push("waits for its block");
      expect(await codeOf(tick(slotEnd(SLOT)))).to.match(/the node died/);
      restart();
      expect((await tick(slotEnd(SLOT) + 15)).blocked).to.equal(true);
      expect(chain.batches).to.deep.equal([]);
      chain.includeWaiting();
      await tick(slotEnd(SLOT) + 30);
      expect(state(0, SLOT)).to.equal("settled");
      expect(chain.batches).to.deep.equal([1]);
    });

    it("sends again what a reorganisation took out of the chain, and calls nothing final before", async () => {
      restart({ confirmations: 3 });
      await gateway.submit(reading(0, SLOT));
      await tick(slotEnd(SLOT));
      expect(state(0, SLOT)).to.equal("mined");
      chain.reorganise();
      expect(effects(0, SLOT)).to.equal(0);
      chain.mine(3);
      await tick(slotEnd(SLOT) + 15);
      await tick(slotEnd(SLOT) + 30);
      expect(state(0, SLOT)).to.equal("mined");
      chain.mine(3);
      await tick(slotEnd(SLOT) + 45);
      expect(state(0, SLOT)).to.equal("settled");
      expect(effects(0, SLOT)).to.equal(1);
    });
  });

  describe("when the disk is full", () => {
    it("refuses what it cannot keep, settles what it has, and takes readings again when there is room", async () => {
      restart({ maxPages: 20, keepSlots: 8 });
      let accepted = 0;
      let refused = "";
      for (let slot = SLOT; refused === "" && slot < SLOT + 2_000; slot += 1) {
        chain.time = slotEnd(slot);
        refused = await gateway.submit(reading(0, slot)).then(
          () => "",
          (error: unknown) => (error instanceof JouleworkError ? error.code : String(error)),
        );
        if (refused === "") accepted += 1;
      }
      expect(refused).to.equal("JOURNAL_FULL");
      expect(accepted).to.be.greaterThan(20);
      await tick(slotEnd(SLOT + accepted));
      expect(gateway.health()).to.include({ waiting: 0, sending: 0, refused: 0 });
      for (let slot = SLOT; slot < SLOT + accepted; slot += 1) expect(effects(0, slot), `slot ${slot}`).to.equal(1);
      await tick(slotEnd(SLOT + accepted) + 1);
      await gateway.submit(reading(0, SLOT + accepted));
      await tick(slotEnd(SLOT + accepted) + 2);
      expect(effects(0, SLOT + accepted)).to.equal(1);
    });
  });
});
