import { expect } from "chai";
import fc from "fast-check";
import {
  applyDue,
  beginLedger,
  NOTHING_DUE,
  requiredBondTicks,
  syncFlags,
  type Due,
} from "../../src/market/gridLeg.ts";
import { BALANCE_CEILING_TICKS, NO_FLAGS } from "../../src/market/meterWord.ts";
import { gridState } from "./gridStates.ts";

const due = (parts: Partial<Due>): Due => ({ ...NOTHING_DUE, ...parts });
const bonded = { ...NO_FLAGS, bonded: true };

describe("the grid leg", () => {
  it("pays earnings, burns what is owed and takes charges out of one balance", () => {
    const result = applyDue(
      gridState({ balanceTicks: 100n }),
      due({ proceedsTicks: 50n, mintTicks: 30n, burnTicks: 20n, networkTicks: 7n, levyTicks: 3n }),
    );
    expect(result.meter.word.balanceTicks).to.equal(150n);
    expect(result.line).to.deep.equal({ mintedTicks: 30n, burnedTicks: 20n, networkTicks: 7n, levyTicks: 3n });
    expect(result.site).to.deep.equal(gridState().site);
    expect(result.ledger).to.deep.equal({
      mintedTicks: 30n,
      burnedTicks: 20n,
      networkTicks: 7n,
      levyTicks: 3n,
      mintableTicks: 10n ** 18n - 10n,
    });
  });

  it("mints up to the headroom and keeps the rest as a claim", () => {
    const result = applyDue(
      gridState({ balanceTicks: 0n }, {}, { headroomTicks: 40n, claimTicks: 5n }),
      due({ mintTicks: 100n }),
    );
    expect(result.line.mintedTicks).to.equal(40n);
    expect(result.claimGrantedTicks).to.equal(60n);
    expect(result.meter.claimTicks).to.equal(65n);
    expect(result.meter.word.balanceTicks).to.equal(40n);
    expect(result.ledger.mintableTicks).to.equal(0n);
  });

  it("gives back headroom by burning, for the next meter of the batch", () => {
    const first = applyDue(gridState({ balanceTicks: 500n }, {}, { headroomTicks: 0n }), due({ burnTicks: 300n }));
    const second = applyDue({ ...gridState({ balanceTicks: 0n }), ledger: first.ledger }, due({ mintTicks: 400n }));
    expect(second.line.mintedTicks).to.equal(300n);
    expect(second.claimGrantedTicks).to.equal(100n);
  });

  it("mints no more than the balance can hold", () => {
    const full = BALANCE_CEILING_TICKS - 10n;
    const result = applyDue(gridState({ balanceTicks: full }), due({ mintTicks: 25n }));
    expect(result.meter.word.balanceTicks).to.equal(BALANCE_CEILING_TICKS);
    expect(result.claimGrantedTicks).to.equal(15n);
  });

  it("does not grant a claim where the balance only passes through the ceiling", () => {
    const result = applyDue(
      gridState({ balanceTicks: BALANCE_CEILING_TICKS }),
      due({ mintTicks: 25n, burnTicks: 30n }),
    );
    expect(result.meter.word.balanceTicks).to.equal(BALANCE_CEILING_TICKS - 5n);
    expect(result.claimGrantedTicks).to.equal(0n);
  });

  it("grants the claim even so where the meter is flagged, because its earnings belong to the debt first", () => {
    const flags = { ...bonded, indebted: true };
    const state = gridState({ balanceTicks: BALANCE_CEILING_TICKS, flags }, { debtTicks: 9n });
    const result = applyDue(state, due({ mintTicks: 25n, burnTicks: 30n }));
    expect(result.claimGrantedTicks).to.equal(25n);
    expect(result.line).to.include({ mintedTicks: 0n, burnedTicks: 30n });
    expect(result.site.debtTicks).to.equal(9n);
  });

  it("takes the right to offer with the first tick that a bond is short", () => {
    const result = applyDue(gridState({ balanceTicks: 0n, flags: bonded }), due({ burnTicks: 1n }));
    expect(result.site.bondTicks).to.equal(499_999_999n);
    expect(result.meter.word.flags.bonded).to.equal(false);
  });

  it("burns what the balance lacks from the bond, which ends the right to offer", () => {
    const result = applyDue(
      gridState({ balanceTicks: 100n, flags: bonded }),
      due({ burnTicks: 160n, networkTicks: 9n, levyTicks: 4n }),
    );
    expect(result.meter.word.balanceTicks).to.equal(0n);
    expect(result.site.bondTicks).to.equal(500_000_000n - 60n);
    expect(result.site.debtTicks).to.equal(0n);
    expect(result.bondBurnedTicks).to.equal(60n);
    expect(result.meter.word.flags).to.deep.equal({ ...NO_FLAGS, bonded: false });
    expect(result.line.burnedTicks).to.equal(160n);
  });

  it("makes what the bond lacks a debt of the site, and lets the charges lapse", () => {
    const result = applyDue(
      gridState({ balanceTicks: 100n, flags: bonded }, { bondTicks: 20n }),
      due({ burnTicks: 160n, networkTicks: 9n, levyTicks: 4n }),
    );
    expect(result.site).to.include({ bondTicks: 0n, debtTicks: 40n });
    expect(result.debtAddedTicks).to.equal(40n);
    expect(result.meter.word.flags).to.deep.equal({ ...NO_FLAGS, indebted: true });
    expect(result.line).to.deep.equal({ mintedTicks: 0n, burnedTicks: 120n, networkTicks: 0n, levyTicks: 0n });
    expect([result.lapsedNetworkTicks, result.lapsedLevyTicks]).to.deep.equal([9n, 4n]);
  });

  it("lets part of the charges lapse, network before levy in being paid", () => {
    const result = applyDue(gridState({ balanceTicks: 10n }), due({ networkTicks: 8n, levyTicks: 5n }));
    expect(result.line).to.include({ networkTicks: 8n, levyTicks: 2n });
    expect(result.lapsedLevyTicks).to.equal(3n);
    expect(result.meter.word.balanceTicks).to.equal(0n);
    expect(result.site).to.deep.equal(gridState().site);
  });

  it("repays a debt out of earnings, never out of what the balance held before", () => {
    const indebted = { ...NO_FLAGS, indebted: true };
    const result = applyDue(
      gridState({ balanceTicks: 1000n, flags: indebted }, { debtTicks: 300n, bondTicks: 0n }),
      due({ proceedsTicks: 50n, mintTicks: 70n, networkTicks: 10n }),
    );
    expect(result.debtRepaidTicks).to.equal(120n);
    expect(result.site.debtTicks).to.equal(180n);
    expect(result.meter.word.balanceTicks).to.equal(990n);
    expect(result.meter.word.flags.indebted).to.equal(true);
    expect(result.line.burnedTicks).to.equal(120n);
  });

  it("takes the flag off with the last tick of debt", () => {
    const indebted = { ...NO_FLAGS, indebted: true };
    const result = applyDue(gridState({ flags: indebted }, { debtTicks: 30n }), due({ proceedsTicks: 50n }));
    expect(result.site.debtTicks).to.equal(0n);
    expect(result.meter.word.flags).to.deep.equal(bonded);
    expect(result.meter.word.balanceTicks).to.equal(1_000_000_020n);
  });

  it("takes off a stale flag of a site that owes nothing any more", () => {
    const result = applyDue(gridState({ flags: { ...NO_FLAGS, indebted: true } }), due({ proceedsTicks: 5n }));
    expect(result.meter.word.flags).to.deep.equal(bonded);
    expect(result.debtRepaidTicks).to.equal(0n);
  });

  it("moves exactly what is due, whatever the state (minted, burned, claims, debt, bond, charges, balance)", () => {
    const amount = fc.oneof(fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: 0n, max: 2n ** 50n }));
    const dues = fc.record({
      proceedsTicks: amount,
      mintTicks: amount,
      burnTicks: amount,
      networkTicks: amount,
      levyTicks: amount,
    });
    const sites = fc.record({ bondTicks: amount, debtTicks: amount, unbondingTicks: amount, requiredTicks: amount });
    const balances = fc.oneof(
      amount,
      fc.bigInt({ min: BALANCE_CEILING_TICKS - 2n ** 49n, max: BALANCE_CEILING_TICKS }),
    );
    fc.assert(
      fc.property(balances, dues, sites, amount, fc.boolean(), (balanceTicks, owed, site, headroomTicks, flagged) => {
        fc.pre(balanceTicks + owed.proceedsTicks <= BALANCE_CEILING_TICKS);
        const flags = { ...bonded, indebted: flagged };
        const before = gridState({ balanceTicks, flags }, site, { headroomTicks });
        const after = applyDue(before, owed);
        const { line } = after;
        // Meter by meter: minted + new claims = what the grid owes; burned + new debt = what it is owed + debt repaid.
        expect(line.mintedTicks + after.claimGrantedTicks).to.equal(owed.mintTicks);
        expect(line.burnedTicks + after.debtAddedTicks).to.equal(owed.burnTicks + after.debtRepaidTicks);
        expect(line.networkTicks + after.lapsedNetworkTicks).to.equal(owed.networkTicks);
        expect(line.levyTicks + after.lapsedLevyTicks).to.equal(owed.levyTicks);
        // Credits held: balance and bond move by what came in, minus what was burned and charged.
        const held = after.meter.word.balanceTicks + after.site.bondTicks;
        const came = owed.proceedsTicks + line.mintedTicks;
        expect(held).to.equal(
          balanceTicks + site.bondTicks + came - line.burnedTicks - line.networkTicks - line.levyTicks,
        );
        expect(after.site.debtTicks).to.equal(site.debtTicks + after.debtAddedTicks - after.debtRepaidTicks);
        expect(after.meter.claimTicks).to.equal(after.claimGrantedTicks);
        // Never below zero, never beyond the bounds, and the ledger's headroom follows.
        expect(
          after.meter.word.balanceTicks >= 0n && after.site.bondTicks >= 0n && after.site.debtTicks >= 0n,
        ).to.equal(true);
        expect(after.meter.word.balanceTicks <= BALANCE_CEILING_TICKS).to.equal(true);
        expect(line.mintedTicks <= headroomTicks).to.equal(true);
        expect(after.ledger.mintableTicks).to.equal(headroomTicks + line.burnedTicks - line.mintedTicks);
        // A meter in debt is flagged, and nobody is left with money and a new debt at once.
        if (after.debtAddedTicks > 0n) {
          expect(after.meter.word.flags.indebted).to.equal(true);
          expect(after.site.bondTicks).to.equal(0n);
          expect(after.meter.word.balanceTicks).to.equal(0n);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what fills its 64 bits", () => {
  const most = 2n ** 64n - 1n;
  it("is a debt that grows no further: what is beyond is the grid's loss", () => {
    const state = gridState({ balanceTicks: 3n }, { bondTicks: 2n, debtTicks: most - 10n });
    const after = applyDue(state, { ...NOTHING_DUE, burnTicks: 100n });
    expect([after.site.debtTicks, after.debtAddedTicks, after.debtLostTicks]).to.deep.equal([most, 10n, 85n]);
    expect(after.line.burnedTicks).to.equal(5n);
  });

  it("is a claim that grows no further", () => {
    const state = gridState({}, {}, { claimTicks: most - 10n, headroomTicks: 4n });
    const after = applyDue(state, { ...NOTHING_DUE, mintTicks: 100n });
    expect([after.meter.claimTicks, after.claimGrantedTicks, after.claimLostTicks]).to.deep.equal([most, 10n, 86n]);
  });
});

describe("a site's bond", () => {
  const limits = { capPrice: 600_000, exportCapPrice: 300_000 };

  it("covers 101 slots of export at the highest export price, for every meter that may export", () => {
    // 1,024 Wh x 101 slots x 300,000 ticks = 31,027,200,000 ticks; a consumer needs none.
    const meters = [{ kind: "prosumer", powerClass: 32 } as const, { kind: "consumer", powerClass: 200 } as const];
    expect(requiredBondTicks(limits, meters)).to.equal(31_027_200_000n);
    expect(requiredBondTicks(limits, [...meters, { kind: "storage", powerClass: 32 }])).to.equal(62_054_400_000n);
    expect(requiredBondTicks(limits, [{ kind: "feeder", powerClass: 32 }])).to.equal(0n);
  });

  it("covers two slots undelivered at cap price and highest network charge where exports are worth little", () => {
    expect(
      requiredBondTicks({ capPrice: 600_000, exportCapPrice: 1_000 }, [{ kind: "producer", powerClass: 32 }]),
    ).to.equal(1024n * 2n * (600_000n + 1_000_000n));
  });

  it("does not count what is being unbonded, and serves only meters that may export", () => {
    const { meter, site } = gridState({ flags: NO_FLAGS });
    expect(syncFlags(meter, site).word.flags.bonded).to.equal(true);
    expect(syncFlags(meter, { ...site, unbondingTicks: 1n }).word.flags.bonded).to.equal(false);
    expect(syncFlags({ ...meter, kind: "consumer" }, site).word.flags.bonded).to.equal(false);
    expect(beginLedger(7n).mintableTicks).to.equal(7n);
  });
});
