import { expect } from "chai";
import fc from "fast-check";
import { slotBalances, totalsOf } from "../../src/ledger/balance.ts";
import { energyLedger, formatLedger, ledgerCsv, readPotential } from "../../src/ledger/index.ts";
import { storageLoss } from "../../src/ledger/storageLoss.ts";
import type { LedgerInput, LedgerMeter, LedgerReading } from "../../src/ledger/types.ts";
import { lossFactor, withoutMarket } from "../../src/ledger/withoutMarket.ts";
import { errorOf, withFiles } from "../meters/profiles/dataFiles.ts";

const S = 1_000;
const ROLES = ["generator", "mixed", "load", "storage", "feeder"] as const;

function meterOf(role: LedgerMeter["role"], readings: readonly LedgerReading[]): LedgerMeter {
  const own = readings.filter(({ meter }) => meter === role);
  const sum = (of: (reading: LedgerReading) => number): number => own.reduce((total, one) => total + of(one), 0);
  return {
    meter: role,
    zone: 1,
    role,
    source: role === "generator" ? "solar" : "none",
    firstSlot: S,
    endSlot: undefined,
    storage: role === "storage" ? { capacityWh: 10_000, bestEfficiencyPpm: 900_000 } : undefined,
    importWh: sum(({ importWh }) => importWh),
    exportWh: sum(({ exportWh }) => exportWh),
  };
}

function inputOf(readings: readonly LedgerReading[], more: Partial<LedgerInput> = {}): LedgerInput {
  return { meters: ROLES.map((role) => meterOf(role, readings)), readings, training: [], shed: [], ...more };
}

/** Rows of one slot: [meter, import, export]. */
function slot(number: number, rows: readonly (readonly [string, number, number])[]): LedgerReading[] {
  return rows.map(([meter, importWh, exportWh]) => ({ meter, slot: number, importWh, exportWh, gap: false }));
}

// Noon: 3,000 Wh of sun and 200 of surplus; 1,500 used, 1,000 stored. 700 go out, of which 60 are lost before the feeder.
const NOON = slot(S, [
  ["generator", 0, 3_000],
  ["mixed", 0, 200],
  ["load", 1_500, 0],
  ["storage", 1_000, 0],
  ["feeder", 0, 640],
]);
// Evening: no sun; 400 and 1,500 used, 500 from storage. 1,400 are missing, and 240 are lost on their way.
const EVENING = slot(S + 1, [
  ["generator", 0, 0],
  ["mixed", 400, 0],
  ["load", 1_500, 0],
  ["storage", 0, 500],
  ["feeder", 1_640, 0],
]);

describe("the energy ledger", () => {
  it("follows a worked example of two slots", () => {
    const { rows, totals, differences, incomplete } = energyLedger(inputOf([...NOON, ...EVENING]));
    expect(rows.map(({ lineLossWh, localWh }) => [lineLossWh, localWh])).to.deep.equal([
      [60, 2_500],
      [240, 500],
    ]);
    expect(incomplete).to.equal(0);
    expect(differences).to.deep.equal([]);
    expect(totals).to.deep.equal({
      slots: 2,
      generationWh: 3_000,
      surplusWh: 200,
      consumptionWh: 3_400,
      storageInWh: 1_000,
      storageOutWh: 500,
      // A tenth of what went in; of 900 that stayed, 500 came out.
      storageLossWh: 100,
      storedWh: 400,
      importWh: 1_640,
      exportWh: 640,
      lineLossWh: 300,
      curtailedWh: 0,
      localWh: 3_000,
      destroyedWh: 400,
      // 3,000 + 200 + 1,640 were supplied; useful are 3,400 used, 640 sent out and 400 stored: 4,440 of 4,840.
      efficiencyPpm: 917_355,
      // 1,640 of 3,400 came from outside.
      selfSufficiencyPpm: 517_647,
    });
  });

  it("counts what a plant held back, where a file says what it could have made", () => {
    const { totals } = energyLedger(inputOf([...NOON, ...EVENING]), new Map([[`generator/${String(S)}`, 3_500]]));
    expect(totals.curtailedWh).to.equal(500);
    // 500 more were to be had, and 500 more were destroyed.
    expect(totals.efficiencyPpm).to.equal(Math.floor((4_440 / 5_340) * 1e6));
  });

  it("leaves a slot out of the sums where a meter or the feeder was not read, and says so", () => {
    for (const missing of ["load", "feeder"]) {
      const readings = [...NOON, ...EVENING.filter(({ meter }) => meter !== missing)];
      const ledger = energyLedger(inputOf(readings));
      expect(ledger.incomplete).to.equal(1);
      expect(ledger.rows[1]?.lineLossWh).to.equal(null);
      expect(ledger.totals.consumptionWh).to.equal(1_500);
    }
  });

  it("keeps a reading of several slots apart from all of them, and still accounts for its energy", () => {
    const gap = { meter: "load", slot: S + 3, importWh: 900, exportWh: 0, gap: true };
    const { gap: apart, totals, differences } = energyLedger(inputOf([...NOON, ...EVENING, gap]));
    expect(apart).to.deep.equal({ readings: 1, importWh: 900, exportWh: 0 });
    expect(totals.consumptionWh).to.equal(3_400);
    expect(differences).to.deep.equal([]);
  });

  it("finds a watt-hour that registers have and readings lack", () => {
    const input = inputOf([...NOON, ...EVENING]);
    const meters = input.meters.map((meter) =>
      meter.role === "load" ? { ...meter, importWh: meter.importWh + 1 } : meter,
    );
    const ledger = energyLedger({ ...input, meters });
    expect(ledger.differences.map(({ meter }) => meter)).to.deep.equal(["load"]);
    expect(formatLedger(ledger)).to.contain("DIFFERENCE load").and.contain("does NOT close");
  });

  it("tells of meters that gave more than the feeder can confirm", () => {
    const readings = NOON.map((one) => (one.meter === "feeder" ? { ...one, exportWh: 701 } : one));
    expect(energyLedger(inputOf(readings)).negativeLosses).to.equal(1);
  });

  const flows = fc.array(
    fc.record({
      made: fc.nat({ max: 9_000 }),
      spare: fc.nat({ max: 900 }),
      own: fc.nat({ max: 900 }),
      used: fc.nat({ max: 9_000 }),
      into: fc.nat({ max: 2_000 }),
      out: fc.nat({ max: 2_000 }),
      lost: fc.nat({ max: 400 }),
    }),
    { minLength: 1, maxLength: 20 },
  );

  it("closes in every slot and in total: what comes in is used, stored, sent out or lost", () => {
    fc.assert(
      fc.property(flows, (list) => {
        const readings = list.flatMap(({ made, spare, own, used, into, out, lost }, index) => {
          const feeder = own + used + into - made - spare - out + lost;
          return slot(S + index, [
            ["generator", 0, made],
            ["mixed", own, spare],
            ["load", used, 0],
            ["storage", into, out],
            ["feeder", Math.max(0, feeder), Math.max(0, -feeder)],
          ]);
        });
        const rows = slotBalances(inputOf(readings));
        rows.forEach((row, index) => {
          expect(row.lineLossWh).to.equal(list[index]?.lost);
          expect(row.localWh).to.be.at.most(row.consumptionWh + row.storageInWh);
        });
        const t = totalsOf(rows);
        const inWh = t.generationWh + t.surplusWh + t.importWh;
        expect(inWh).to.equal(t.consumptionWh + t.exportWh + t.storedWh + t.storageLossWh + t.lineLossWh);
        expect(t.efficiencyPpm ?? 0).to.be.within(0, 1_000_000);
      }),
    );
  });

  it("books a storage's losses so that they add up whatever the readings: taken less taken times efficiency, rounded down", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 5_000 })),
        fc.integer({ min: 1, max: 1_000_000 }),
        (taken, bestEfficiencyPpm) => {
          let before = 0;
          let lost = 0;
          for (const importWh of taken) {
            lost += storageLoss({ capacityWh: 1, bestEfficiencyPpm }, before, importWh);
            before += importWh;
          }
          expect(lost).to.equal(before - Number((BigInt(before) * BigInt(bestEfficiencyPpm)) / 1_000_000n));
        },
      ),
    );
  });
});

describe("the same slots without a market", () => {
  // One zone with a load and a generator; losses are exactly a millionth of the square of the net flow.
  const net = (index: number, used: number, made: number): LedgerReading[] => {
    const flow = used - made;
    const feeder = flow + Math.round(flow ** 2 * 1e-5);
    return slot(S + index, [
      ["generator", 0, made],
      ["mixed", 0, 0],
      ["load", used, 0],
      ["storage", 0, 0],
      ["feeder", Math.max(0, feeder), Math.max(0, -feeder)],
    ]);
  };
  const use = { job: "1", zone: 1, energyWh: 1_000 };

  it("move training to the slots after its posting, with the losses that its flow would have had", () => {
    // Posted in the first slot; trained in the third, when the sun gave 3,000 Wh, of which 1,000 went into it.
    const readings = [...net(0, 1_000, 0), ...net(1, 1_000, 0), ...net(2, 2_000, 3_000)];
    const input = inputOf(readings, { training: [{ ...use, postedSlot: S, slot: S + 2 }] });
    const rows = slotBalances(input);
    expect(lossFactor(rows)).to.be.within(0.99e-5, 1.01e-5);
    const moved = withoutMarket(rows, input);
    expect(moved.map(({ consumptionWh }) => consumptionWh)).to.deep.equal([1_000, 2_000, 1_000]);
    // Losses with squares: 10 and 10 and 10 with the market, 10 and 40 and 40 without it.
    expect(moved.map(({ lineLossWh }) => lineLossWh)).to.deep.equal([10, 40, 40]);
    const { saved, totals } = energyLedger(input);
    expect(totals.lineLossWh).to.equal(30);
    expect(saved).to.deep.equal({ importWh: 1_030, lineLossWh: 60, localWh: 1_000 });
  });

  it("bring back what a demand-response event took out", () => {
    const input = inputOf([...net(0, 1_000, 0), ...net(1, 1_000, 0)], {
      shed: [{ zone: 1, slot: S + 1, energyWh: 500 }],
    });
    const moved = withoutMarket(slotBalances(input), input);
    expect(moved.map(({ consumptionWh }) => consumptionWh)).to.deep.equal([1_000, 1_500]);
  });

  it("never create or lose training energy, and stay as they were where a slot has no balance", () => {
    const uses = fc.array(
      fc.record({ slot: fc.integer({ min: S, max: S + 9 }), postedSlot: fc.integer({ min: S - 3, max: S + 9 }) }),
    );
    fc.assert(
      fc.property(uses, (list) => {
        const readings = Array.from({ length: 10 }, (_, index) => net(index, 3_000, 500 * index)).flat();
        const training = list.map((times, job) => ({ ...use, job: String(job), energyWh: 7, ...times }));
        const input = inputOf(readings, { training });
        const sum = (rows: readonly { consumptionWh: number }[]): number =>
          rows.reduce((total, { consumptionWh }) => total + consumptionWh, 0);
        const rows = slotBalances(input);
        expect(sum(withoutMarket(rows, input))).to.equal(sum(rows));
      }),
    );
  });
});

describe("the ledger's output", () => {
  it("has a line a zone and slot in its CSV, empty where a loss is unknown", () => {
    const csv = ledgerCsv(energyLedger(inputOf([...NOON, ...EVENING.slice(1)])))
      .trim()
      .split("\n");
    expect(csv).to.have.lengthOf(3);
    const columns = csv[0]?.split(",") ?? [];
    const cells = csv.slice(1).map((line) => line.split(","));
    expect(cells.map((row) => row[columns.indexOf("lineLossWh")])).to.deep.equal(["60", ""]);
    expect(cells.map((row) => row[columns.indexOf("complete")])).to.deep.equal(["1", "0"]);
  });
});

describe("a file of potentials", () => {
  const METER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
  const read = (...rows: string[]) =>
    withFiles({ "p.csv": ["timestamp,meter,potential_wh", ...rows].join("\n") }, (dir) =>
      readPotential(`${dir}/p.csv`),
    );

  it("gives Wh by meter and slot", () => {
    expect([...read(`2025-06-21T12:00:00+02:00,${METER.toLowerCase()},1234`)]).to.deep.equal([
      [`${METER}/${String(Date.parse("2025-06-21T10:00:00Z") / 900_000)}`, 1_234],
    ]);
  });

  it("refuses what is no address, no slot, no whole number or there twice, with its line", () => {
    const good = `2025-06-21T12:00:00Z,${METER},1`;
    for (const [rows, line] of [
      [["2025-06-21T12:00:00Z,home,1"], 2],
      [[good.replace("12:00", "12:01")], 2],
      [[good.replace(",1", ",1.5")], 2],
      [[good, good], 3],
    ] as const) {
      const { code, values } = errorOf(() => read(...rows));
      expect(code).to.equal("PROFILE_DATA_INVALID");
      expect(values.line).to.equal(line);
    }
  });
});
