import { expect } from "chai";
import { AbiCoder, ZeroHash, concat, keccak256 } from "ethers";
import hre from "hardhat";
import { BALANCE_CEILING_TICKS } from "../../src/market/meterWord.ts";
import { MESSAGE_TYPES } from "../../src/market/messages.ts";
import { ROLES } from "../../src/chain/roles.ts";
import { deployTestMarket, FIRST_SLOT, type TestMeter } from "../support/testMarket.ts";
import { foreignDomains } from "../support/consents.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const S = FIRST_SLOT;

interface Leaf {
  meter: string;
  zone: number;
  slot: number;
  importWh: number;
  exportWh: number;
  flags: number;
}

/** By the words of the documentation: keccak256 of the ABI encoding, independent of the library's packing. */
function hashOf(leaf: Leaf): string {
  const types = ["address", "uint16", "uint32", "uint64", "uint64", "uint8"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, Object.values(leaf)));
}

function parent(a: string, b: string): string {
  return keccak256(a < b ? concat([a, b]) : concat([b, a]));
}

/** Three readings of one batch: buyer 100 Wh in, producer 40 Wh out, an idle one. */
async function settled() {
  const market = await deployTestMarket(connection);
  const buyer = await market.addMeter({ kind: "consumer", importWh: 1_000 });
  const producer = await market.addMeter({ kind: "producer", source: "solar" });
  const idle = await market.addMeter({ kind: "consumer" });
  await market.handOver.connect(market.governor).grantRole(ROLES.EVIDENCE, market.worker.address, 0);
  await market.at(S + 1, 1);
  await market.settleFlows(S, [{ meter: buyer, importWh: 100 }, { meter: producer, exportWh: 40 }, { meter: idle }]);
  const leaves: [Leaf, Leaf, Leaf] = [
    { meter: buyer.address, zone: 1, slot: S, importWh: 100, exportWh: 0, flags: 0 },
    { meter: producer.address, zone: 1, slot: S, importWh: 0, exportWh: 40, flags: 0 },
    { meter: idle.address, zone: 1, slot: S, importWh: 0, exportWh: 0, flags: 0 },
  ];
  const [a, b, c] = [hashOf(leaves[0]), hashOf(leaves[1]), hashOf(leaves[2])];
  const root = parent(parent(a, b), c);
  const proofs: [string[], string[], string[]] = [[b, c], [a, c], [parent(a, b)]];
  return { market, buyer, producer, leaves, root, proofs };
}

async function load() {
  const parts = await networkHelpers.loadFixture(settled);
  const { market, leaves, root, proofs } = parts;
  const consentTo = async (meter: TestMeter, leaf: Leaf, amountTicks: bigint) =>
    market.consent(meter.owner, "ReadingCorrection", {
      meter: meter.address,
      slot: leaf.slot,
      leaf: hashOf(leaf),
      amountTicks,
      nonce: Number((await market.exchange.siteInfo(meter.site)).nonce),
    });
  const exchange = market.exchange.connect(market.registrar);
  const correct = async (amountTicks: bigint, meter = parts.buyer, index: 0 | 1 | 2 = 0) =>
    exchange.correctReading(
      leaves[index],
      root,
      proofs[index],
      amountTicks,
      "display misread",
      await consentTo(meter, leaves[index], amountTicks),
    );
  return { ...parts, exchange, correct, consentTo, asEvidence: market.exchange.connect(market.worker) };
}

describe("evidence", () => {
  describe("verifyReading", () => {
    it("proves every reading of the batch, the odd one by its shorter path", async () => {
      const { exchange, leaves, root, proofs } = await load();
      for (const index of [0, 1, 2] as const) {
        expect(await exchange.verifyReading(leaves[index], root, proofs[index])).to.equal(hashOf(leaves[index]));
      }
    });

    it("refuses a leaf with any field changed", async () => {
      const { exchange, leaves, root, proofs, producer } = await load();
      const changes: Partial<Leaf>[] = [
        { meter: producer.address },
        { zone: 2 },
        { slot: S + 1 },
        { importWh: 101 },
        { exportWh: 1 },
        { flags: 1 },
      ];
      for (const change of changes) {
        const leaf = { ...leaves[0], ...change };
        await expect(exchange.verifyReading(leaf, root, proofs[0]))
          .to.be.revertedWithCustomError(exchange, "UnprovenReading")
          .withArgs(hashOf(leaf), root);
      }
    });

    it("refuses another path, and a root that no batch left", async () => {
      const { exchange, leaves, root, proofs } = await load();
      await expect(exchange.verifyReading(leaves[0], root, proofs[1])).to.be.revertedWithCustomError(
        exchange,
        "UnprovenReading",
      );
      await expect(exchange.verifyReading(leaves[0], hashOf(leaves[0]), []))
        .to.be.revertedWithCustomError(exchange, "UnprovenReading")
        .withArgs(hashOf(leaves[0]), hashOf(leaves[0]));
      await expect(exchange.verifyReading(leaves[0], ZeroHash, [])).to.be.revertedWithCustomError(
        exchange,
        "UnprovenReading",
      );
    });

    it("marks the reading of more than one slot as a gap", async () => {
      const { market, exchange, buyer } = await load();
      await market.at(S + 9, 1);
      await market.settleFlows(S + 4, [{ meter: buyer, importWh: 300 }]);
      const leaf = { meter: buyer.address, zone: 1, slot: S + 4, importWh: 300, exportWh: 0, flags: 1 };
      expect(await exchange.verifyReading(leaf, hashOf(leaf), [])).to.equal(hashOf(leaf));
    });
  });

  describe("drawEvidence", () => {
    it("refuses an unproven reading, nothing, and more than was imported", async () => {
      const { asEvidence, leaves, root, proofs } = await load();
      await expect(asEvidence.drawEvidence(leaves[0], root, proofs[1], 1)).to.be.revertedWithCustomError(
        asEvidence,
        "UnprovenReading",
      );
      for (const amount of [0n, 101n, 2n ** 64n, 2n ** 256n - 1n]) {
        await expect(asEvidence.drawEvidence(leaves[0], root, proofs[0], amount))
          .to.be.revertedWithCustomError(asEvidence, "EvidenceUsed")
          .withArgs(leaves[0].meter, S, amount, 100);
      }
      await expect(asEvidence.drawEvidence(leaves[1], root, proofs[1], 1))
        .to.be.revertedWithCustomError(asEvidence, "EvidenceUsed")
        .withArgs(leaves[1].meter, S, 1, 0);
    });

    it("uses each watt-hour once", async () => {
      const { market, asEvidence, leaves, root, proofs } = await load();
      await expect(asEvidence.drawEvidence(leaves[0], root, proofs[0], 60))
        .to.emit(asEvidence, "EvidenceDrawn")
        .withArgs(leaves[0].meter, S, market.worker.address, 60, 60);
      await expect(asEvidence.drawEvidence(leaves[0], root, proofs[0], 41))
        .to.be.revertedWithCustomError(asEvidence, "EvidenceUsed")
        .withArgs(leaves[0].meter, S, 41, 40);
      await asEvidence.drawEvidence(leaves[0], root, proofs[0], 40);
      expect([...(await asEvidence.evidence(leaves[0].meter, S))]).to.deep.equal([100n, false, false]);
    });
  });

  describe("correctReading", () => {
    it("refuses nothing and more than a balance can hold, in both directions", async () => {
      const { exchange, correct } = await load();
      for (const amount of [
        0n,
        BALANCE_CEILING_TICKS + 1n,
        -BALANCE_CEILING_TICKS - 1n,
        2n ** 255n - 1n,
        -(2n ** 255n),
      ]) {
        await expect(correct(amount))
          .to.be.revertedWithCustomError(exchange, "BadParameter")
          .withArgs(ethers.encodeBytes32String("amountTicks"), BigInt.asUintN(256, amount));
      }
    });

    it("refuses without the owner's consent to exactly this, for this chain and exchange", async () => {
      const { market, exchange, leaves, root, proofs, buyer, producer, consentTo } = await load();
      const correction = { meter: buyer.address, slot: S, leaf: hashOf(leaves[0]), amountTicks: 5n, nonce: 0 };
      const types = { ReadingCorrection: MESSAGE_TYPES.ReadingCorrection.map((field) => ({ ...field })) };
      const foreign = Object.values(foreignDomains(market)).map((domain) =>
        buyer.owner.signTypedData(domain.fields, types, correction),
      );
      const signatures = [
        await consentTo(buyer, leaves[0], 6n),
        await consentTo(buyer, leaves[1], 5n),
        await consentTo({ ...buyer, owner: market.registrar }, leaves[0], 5n),
        await consentTo(producer, leaves[0], 5n),
        ...(await Promise.all(foreign)),
      ];
      for (const signature of signatures) {
        await expect(exchange.correctReading(leaves[0], root, proofs[0], 5n, "", signature))
          .to.be.revertedWithCustomError(exchange, "InvalidConsent")
          .withArgs(buyer.owner.address);
      }
    });

    it("refuses once the inspection deadline is over", async () => {
      const { market, exchange, correct } = await load();
      await market.at(S + 101, 0);
      await expect(correct(5n)).to.be.revertedWithCustomError(exchange, "SlotOutOfRange").withArgs(S);
    });

    it("refuses a reading that served as evidence", async () => {
      const { exchange, asEvidence, correct, leaves, root, proofs } = await load();
      await asEvidence.drawEvidence(leaves[0], root, proofs[0], 1);
      await expect(correct(5n))
        .to.be.revertedWithCustomError(exchange, "EvidenceUsed")
        .withArgs(leaves[0].meter, S, 100, 99);
    });

    it("refuses a meter that was retired since", async () => {
      const { market, exchange, correct, buyer } = await load();
      const balance = (await market.word(buyer)).balanceTicks;
      await exchange.connect(buyer.owner).requestWithdrawal(buyer.address, balance, buyer.owner.address);
      await exchange.retireMeter(buyer.address);
      await expect(correct(5n)).to.be.revertedWithCustomError(exchange, "UnknownMeter").withArgs(buyer.address, S);
    });

    it("moves money alone, and the leaf is void from then on", async () => {
      const { market, exchange, asEvidence, correct, leaves, root, proofs, buyer } = await load();
      const before = await market.word(buyer);
      const supply = await market.credit.totalSupply();
      await expect(correct(1_234n))
        .to.emit(exchange, "ReadingCorrected")
        .withArgs(buyer.address, S, hashOf(leaves[0]), 1_234n, "display misread", (w: bigint) => typeof w === "bigint");
      expect(await market.word(buyer)).to.deep.equal({ ...before, balanceTicks: before.balanceTicks + 1_234n });
      expect(await market.credit.totalSupply()).to.equal(supply + 1_234n * 10n ** 9n);
      expect((await exchange.siteInfo(buyer.site)).nonce).to.equal(1n);
      for (const attempt of [
        () => exchange.verifyReading(leaves[0], root, proofs[0]),
        () => asEvidence.drawEvidence(leaves[0], root, proofs[0], 1),
        () => correct(1_234n),
      ]) {
        await expect(attempt()).to.be.revertedWithCustomError(exchange, "ReadingVoid").withArgs(hashOf(leaves[0]));
      }
      await exchange.verifyReading(leaves[1], root, proofs[1]);
    });

    it("takes what the meter owes from its balance, its bond, and then as debt", async () => {
      const { market, exchange, correct, producer } = await load();
      const balance = (await market.word(producer)).balanceTicks;
      const bond = (await exchange.siteInfo(producer.site)).bondTicks;
      const supply = await market.credit.totalSupply();
      await expect(correct(-(balance + bond + 9n), producer, 1))
        .to.emit(exchange, "DebtIncurred")
        .withArgs(producer.site, producer.address, bond, 9, 9);
      const word = await market.word(producer);
      expect(word.balanceTicks).to.equal(0n);
      expect(word.flags).to.deep.include({ indebted: true, bonded: false });
      expect(await market.credit.totalSupply()).to.equal(supply - (balance + bond) * 10n ** 9n);
    });

    it("leaves as a claim what would not fit the balance", async () => {
      const { market, exchange, correct, buyer } = await load();
      const room = BALANCE_CEILING_TICKS - (await market.word(buyer)).balanceTicks;
      await market.fund(market.worker, room);
      await exchange.connect(market.worker).deposit(buyer.address, room - 4n);
      await expect(correct(10n)).to.emit(exchange, "ClaimGranted").withArgs(buyer.address, 6, 6);
      expect((await market.word(buyer)).balanceTicks).to.equal(BALANCE_CEILING_TICKS);
      await expect(exchange.payClaim(buyer.address)).to.be.revertedWithCustomError(exchange, "NothingToPay");
      await exchange.connect(buyer.owner).requestWithdrawal(buyer.address, 100n, buyer.owner.address);
      await exchange.payClaim(buyer.address);
      expect((await market.word(buyer)).balanceTicks).to.equal(BALANCE_CEILING_TICKS - 94n);
    });
  });
});
