import { expect } from "chai";
import { encodeBytes32String, keccak256, toUtf8Bytes, ZeroHash } from "ethers";
import hre from "hardhat";
import { RESTRICTED, ROLES } from "../../src/chain/roles.ts";
import { deployTestMarket, FIRST_SLOT, LIMITS, TERMS } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const S = FIRST_SLOT;
const EVIDENCE = keccak256(toUtf8Bytes("seal broken, see the photographs"));
const STATEMENT = keccak256(toUtf8Bytes("the seal was broken by the fitter"));
const STAGES = { none: 0, reported: 1, appealed: 2, upheld: 3, dismissed: 4 } as const;
const ACTIVE = 1;
const SUSPENDED = 2;
/** Slot in which the flagged slots are closed: the reading deadline of S + 1 is over. */
const CLOSED = S + 8;
const APPEAL_SLOTS = 192;
const DECISION_SLOTS = 672;

/** Nobody reads the feeder, so that S and S + 1 are flagged; S + 2 is not closed yet. */
async function flaggedSlots() {
  const market = await deployTestMarket(connection);
  const home = await market.addMeter({ kind: "prosumer" });
  const other = await market.addMeter({ kind: "consumer", owner: market.signers[11] ?? market.worker });
  const feeder = await market.addMeter({ kind: "feeder", powerClass: 0x74, balanceTicks: 0n });
  await market.at(S + 1, 10);
  await market.settleFlows(S, [
    { meter: home, exportWh: 100 },
    { meter: other, importWh: 100 },
  ]);
  await market.mineAt(CLOSED);
  for (const slot of [S, S + 1]) await market.exchange.connect(market.worker).close(1, slot, []);
  return { market, home, other, feeder };
}

async function load() {
  const { market, home, other, feeder } = await networkHelpers.loadFixture(flaggedSlots);
  const { inspections, exchange } = market;
  const inspector = inspections.connect(market.inspector);
  const governor = inspections.connect(market.governor);
  return {
    market,
    home,
    other,
    feeder,
    inspections,
    exchange,
    inspector,
    governor,
    anybody: inspections.connect(market.worker),
    owner: inspections.connect(home.owner),
    report: (slot = S, meter = home.address) => inspector.report(1, slot, meter, EVIDENCE),
    stage: async (finding = 1n) => Number((await inspections.findingInfo(finding)).stage),
    status: async (meter = home.address) => Number((await exchange.meterConfig(meter)).status),
  };
}

describe("inspections of flagged slots", () => {
  describe("a report", () => {
    it("names the meter, its site and the hash of the evidence, and opens the owner's window", async () => {
      const { report, inspections, home, market, stage, status } = await load();
      await market.at(CLOSED + 3);
      await expect(report())
        .to.emit(inspections, "FindingReported")
        .withArgs(1, home.address, home.site, S, EVIDENCE, CLOSED + 3 + APPEAL_SLOTS, market.inspector.address);
      const found = await inspections.findingInfo(1);
      expect([found.meter, found.site, found.slot, found.throughSlot, found.evidenceHash, found.statementHash])
        .to.deep //
        .equal([home.address, BigInt(home.site), BigInt(S), BigInt(CLOSED + 3 + APPEAL_SLOTS), EVIDENCE, ZeroHash]);
      expect([await inspections.findingCount(), await inspections.findingOf(home.address, S)]).to.deep.equal([1n, 1n]);
      expect([await stage(), await status()]).to.deep.equal([STAGES.reported, ACTIVE]);
    });

    it("is taken from an inspector alone, with evidence", async () => {
      const { governor, inspector, inspections, home, market } = await load();
      await expect(governor.report(1, S, home.address, EVIDENCE))
        .to.be.revertedWithCustomError(inspections, "AccessManagedUnauthorized")
        .withArgs(market.governor.address);
      await expect(inspector.report(1, S, home.address, ZeroHash))
        .to.be.revertedWithCustomError(inspections, "BadParameter")
        .withArgs(encodeBytes32String("evidenceHash"), 0);
    });

    it("comes before the inspection deadline of a slot that is flagged", async () => {
      const { report, inspections, market } = await load();
      // Slot, four slots to read it, 96 to inspect it.
      await market.at(S + 1 + 4 + 96, 0);
      await expect(report()).to.be.revertedWithCustomError(inspections, "NotUnderInspection").withArgs(1, S);
      await market.at(S + 2 + 4 + 96, -1);
      await expect(report(S + 1)).to.emit(inspections, "FindingReported");
    });

    it("is refused for a slot that is not closed, although an older flag lies in its place in the ring", async () => {
      const { report, inspections, exchange, market } = await load();
      await expect(report(S + 2))
        .to.be.revertedWithCustomError(inspections, "NotUnderInspection")
        .withArgs(1, S + 2);
      await market.mineAt(S + 130);
      expect(await exchange.isFlagged(1, S + 128)).to.equal(true);
      await expect(report(S + 128))
        .to.be.revertedWithCustomError(inspections, "NotUnderInspection")
        .withArgs(1, S + 128);
    });

    it("is refused once the inspection was ended", async () => {
      const { report, inspections, exchange, market } = await load();
      await exchange.connect(market.inspector).endInspection(1, S, "nothing found");
      await expect(report()).to.be.revertedWithCustomError(inspections, "NotUnderInspection").withArgs(1, S);
    });

    it("names a meter of the zone that is in use, and not its feeder", async () => {
      const { report, inspections, feeder, market, exchange, other } = await load();
      const stranger = market.newKey().address;
      const everybody = market.worker.address;
      const accounts = { network: everybody, levy: everybody, fee: everybody, season: everybody };
      await exchange.connect(market.registrar).createZone(2, LIMITS, TERMS, accounts);
      const elsewhere = await market.addMeter({ zone: 2, kind: "consumer" });
      const gone = await market.addMeter({ kind: "consumer", site: other.site, owner: other.owner, balanceTicks: 0n });
      await exchange.connect(market.registrar).retireMeter(gone.address);
      for (const meter of [stranger, feeder.address, elsewhere.address, gone.address]) {
        await expect(report(S, meter)).to.be.revertedWithCustomError(inspections, "NotInspectable").withArgs(meter, 1);
      }
    });

    it("is made once for a meter and slot, and once at a time for a meter", async () => {
      const { report, inspector, inspections, home, other } = await load();
      await report();
      for (const slot of [S, S + 1]) {
        await expect(report(slot))
          .to.be.revertedWithCustomError(inspections, "AlreadyReported")
          .withArgs(home.address, slot, 1);
      }
      await report(S, other.address);
      await inspector.withdraw(1);
      // Withdrawn is withdrawn: nobody has to answer for the same slot twice.
      await expect(report(S))
        .to.be.revertedWithCustomError(inspections, "AlreadyReported")
        .withArgs(home.address, S, 1);
      await expect(report(S + 1)).to.emit(inspections, "FindingReported");
      expect(await inspections.findingCount()).to.equal(3n);
    });
  });

  describe("where the owner accepts by silence", () => {
    it("the finding stands after two days, by anybody's call, and suspends the meter until it is reinstated", async () => {
      const { report, inspections, anybody, market, home, exchange, stage, status } = await load();
      await market.at(CLOSED + 1);
      await report();
      await market.at(CLOSED + 2 + APPEAL_SLOTS, -1);
      await expect(anybody.conclude(1))
        .to.be.revertedWithCustomError(inspections, "WindowOpen")
        .withArgs(1, CLOSED + 1 + APPEAL_SLOTS);
      await market.at(CLOSED + 2 + APPEAL_SLOTS);
      await expect(anybody.conclude(1)).to.emit(inspections, "FindingUpheld").withArgs(1, home.address, true);
      expect([await stage(), await status()]).to.deep.equal([STAGES.upheld, SUSPENDED]);
      await exchange.connect(market.registrar).reinstateMeter(home.address);
      await expect(anybody.conclude(1))
        .to.be.revertedWithCustomError(inspections, "WrongFindingStage")
        .withArgs(1, STAGES.upheld);
      expect(await status()).to.equal(ACTIVE);
    });

    it("costs standing and no money: balance, bond and way out stay", async () => {
      const { report, anybody, market, home, exchange } = await load();
      const held = async () => [
        (await market.word(home.address)).balanceTicks,
        (await exchange.siteInfo(home.site)).bondTicks,
      ];
      const before = await held();
      await report();
      await market.mineAt(CLOSED + 2 + APPEAL_SLOTS);
      await anybody.conclude(1);
      expect(await held()).to.deep.equal(before);
      const asOwner = exchange.connect(home.owner);
      await expect(asOwner.requestWithdrawal(home.address, before[0] ?? 0n, home.owner.address)).to.emit(
        exchange,
        "WithdrawalRequested",
      );
      await expect(asOwner.requestUnbond(home.site, before[1] ?? 0n)).to.emit(exchange, "UnbondRequested");
    });

    it("takes its votes from a site without another meter at the next sync", async () => {
      const { report, anybody, market, home } = await load();
      await market.reputation.sync(home.site);
      expect(await market.reputation.getVotes(home.owner.address)).to.equal(500_000n);
      await report();
      await market.mineAt(CLOSED + 2 + APPEAL_SLOTS);
      await anybody.conclude(1);
      await market.reputation.sync(home.site);
      expect(await market.reputation.getVotes(home.owner.address)).to.equal(0n);
    });

    for (const [what, act] of [
      ["suspended", "suspendMeter"],
      ["retired", "retireMeter"],
    ] as const) {
      it(`the finding becomes final although the meter was ${what} meanwhile`, async () => {
        const { market, exchange, inspector, inspections, anybody, other, stage } = await load();
        const meter = await market.addMeter({
          kind: "consumer",
          site: other.site,
          owner: other.owner,
          balanceTicks: 0n,
        });
        await inspector.report(1, S, meter.address, EVIDENCE);
        await exchange.connect(market.registrar)[act](meter.address);
        await market.mineAt(CLOSED + 2 + APPEAL_SLOTS);
        await expect(anybody.conclude(1)).to.emit(inspections, "FindingUpheld").withArgs(1, meter.address, false);
        expect(await stage()).to.equal(STAGES.upheld);
      });
    }
  });

  describe("an appeal", () => {
    it("is the owner's alone, while the window is open, once", async () => {
      const { report, owner, other, inspections, market, stage, home } = await load();
      await market.at(CLOSED + 1);
      await report();
      await expect(inspections.connect(other.owner).appeal(1, STATEMENT))
        .to.be.revertedWithCustomError(inspections, "NotEntitled")
        .withArgs(other.owner.address);
      const last = CLOSED + 1 + APPEAL_SLOTS;
      await market.at(last + 1, -1);
      await expect(owner.appeal(1, STATEMENT))
        .to.emit(inspections, "FindingAppealed")
        .withArgs(1, home.owner.address, STATEMENT, last + DECISION_SLOTS);
      expect((await inspections.findingInfo(1)).statementHash).to.equal(STATEMENT);
      expect(await stage()).to.equal(STAGES.appealed);
      await expect(owner.appeal(1, STATEMENT))
        .to.be.revertedWithCustomError(inspections, "WrongFindingStage")
        .withArgs(1, STAGES.appealed);
    });

    it("comes too late after the window, and against nothing", async () => {
      const { report, owner, inspections, market } = await load();
      await expect(owner.appeal(7, STATEMENT))
        .to.be.revertedWithCustomError(inspections, "WrongFindingStage")
        .withArgs(7, STAGES.none);
      await market.at(CLOSED + 1);
      await report();
      await market.at(CLOSED + 2 + APPEAL_SLOTS);
      await expect(owner.appeal(1, STATEMENT))
        .to.be.revertedWithCustomError(inspections, "WindowOver")
        .withArgs(1, CLOSED + 1 + APPEAL_SLOTS);
    });

    it("passes with the site to a new owner", async () => {
      const { report, owner, market, home, inspections, exchange } = await load();
      await report();
      const next = market.signers[12] ?? market.worker;
      const { nonce } = await exchange.siteInfo(home.site);
      const value = { site: home.site, newOwner: next.address, nonce };
      await exchange.transferSite(
        home.site,
        next.address,
        await market.consent(home.owner, "SiteTransfer", value),
        await market.consent(next, "SiteTransfer", value),
      );
      await expect(owner.appeal(1, STATEMENT))
        .to.be.revertedWithCustomError(inspections, "NotEntitled")
        .withArgs(home.owner.address);
      await expect(inspections.connect(next).appeal(1, STATEMENT)).to.emit(inspections, "FindingAppealed");
    });
  });

  describe("governance", () => {
    it("decides an appealed finding, and nothing else", async () => {
      const { report, owner, governor, inspector, inspections, market, home, stage, status } = await load();
      await report();
      await expect(governor.decide(1, true))
        .to.be.revertedWithCustomError(inspections, "WrongFindingStage")
        .withArgs(1, STAGES.reported);
      await owner.appeal(1, STATEMENT);
      await expect(inspector.decide(1, true))
        .to.be.revertedWithCustomError(inspections, "AccessManagedUnauthorized")
        .withArgs(market.inspector.address);
      await expect(governor.decide(1, true)).to.emit(inspections, "FindingUpheld").withArgs(1, home.address, true);
      expect([await stage(), await status()]).to.deep.equal([STAGES.upheld, SUSPENDED]);
      await expect(governor.decide(1, false))
        .to.be.revertedWithCustomError(inspections, "WrongFindingStage")
        .withArgs(1, STAGES.upheld);
    });

    it("dismisses it, after which the meter goes on as before", async () => {
      const { report, owner, governor, inspections, home, stage, status } = await load();
      await report();
      await owner.appeal(1, ZeroHash);
      await expect(governor.decide(1, false)).to.emit(inspections, "FindingDismissed").withArgs(1, home.address);
      expect([await stage(), await status()]).to.deep.equal([STAGES.dismissed, ACTIVE]);
    });

    it("dismisses by silence: after a week nobody can uphold, and anybody concludes", async () => {
      const { report, owner, governor, anybody, inspections, market, home, stage, status } = await load();
      await report();
      await market.at(CLOSED + 20);
      await owner.appeal(1, STATEMENT);
      const last = CLOSED + 20 + DECISION_SLOTS;
      await market.at(last + 1, -1);
      await expect(anybody.conclude(1)).to.be.revertedWithCustomError(inspections, "WindowOpen").withArgs(1, last);
      await market.at(last + 1);
      await expect(governor.decide(1, true)).to.be.revertedWithCustomError(inspections, "WindowOver").withArgs(1, last);
      await expect(anybody.conclude(1)).to.emit(inspections, "FindingDismissed").withArgs(1, home.address);
      expect([await stage(), await status()]).to.deep.equal([STAGES.dismissed, ACTIVE]);
    });
  });

  it("leave an inspector the way to take a finding back until it is final", async () => {
    const { report, inspector, owner, anybody, inspections, home, stage } = await load();
    await expect(inspector.withdraw(1))
      .to.be.revertedWithCustomError(inspections, "WrongFindingStage")
      .withArgs(1, STAGES.none);
    await report();
    await owner.appeal(1, STATEMENT);
    await expect(inspector.withdraw(1)).to.emit(inspections, "FindingDismissed").withArgs(1, home.address);
    expect(await stage()).to.equal(STAGES.dismissed);
    for (const again of [inspector.withdraw(1), anybody.conclude(1)]) {
      await expect(again).to.be.revertedWithCustomError(inspections, "WrongFindingStage").withArgs(1, STAGES.dismissed);
    }
  });

  it("may suspend meters on the exchange, and nothing else of what roles may do", async () => {
    const { market, inspections } = await load();
    const held: string[] = [];
    for (const [name, role] of Object.entries(ROLES)) {
      if ((await market.manager.hasRole(role, inspections)).isMember) held.push(name);
    }
    expect(held).to.deep.equal(["SUSPENDER"]);
    const allowed = Object.values(RESTRICTED).flatMap((byRole) => (byRole as { SUSPENDER?: string[] }).SUSPENDER ?? []);
    expect(allowed).to.deep.equal(["suspendMeter(address)"]);
  });
});
