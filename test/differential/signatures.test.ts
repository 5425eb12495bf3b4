import { concat, dataSlice, TypedDataEncoder, verifyTypedData, ZeroAddress } from "ethers";
import { expect } from "chai";
import hre from "hardhat";
import { marketDomain, MESSAGE_TYPES, type MarketDomain } from "../../src/market/messages.ts";
import { compactSignature, expandSignature, recover, signingKey, type SigningKey } from "../../src/market/signer.ts";
import type { SignatureHarness } from "../../typechain-types/index.ts";
import { LARGEST_S, MALLEABLE, signatureWith, UNRECOVERABLE } from "../exchange/books.ts";
import { Choices, fuzzRuns } from "./random.ts";

const RUNS = fuzzRuns(16);

describe("signatures on chain, in place and plain, beside OpenZeppelin and ethers", () => {
  const choices = new Choices("signatures");
  let harness: SignatureHarness;
  let domain: MarketDomain;
  let keys: SigningKey[];
  before(async () => {
    const { ethers } = await hre.network.create();
    harness = await ethers.deployContract("SignatureHarness");
    domain = marketDomain(31337, await harness.getAddress());
    keys = Array.from({ length: 5 }, () => signingKey(choices.hex(32)));
  });

  /** What the exchange's own recovery says, or the name of its refusal. */
  async function recoverCompact(digest: string, signature: string, index: number): Promise<string> {
    try {
      return await harness.recoverCompact(digest, signature, index);
    } catch (error) {
      const data = (error as { data?: unknown }).data;
      const { message } = error as Error;
      const name = /MalleableSignature|UnrecoverableSignature/.exec(message)?.[0];
      if (name !== undefined) return name;
      throw new Error(`unexpected refusal ${String(data)}`, { cause: error });
    }
  }

  async function recoverReference(digest: string, signature: string): Promise<string> {
    const [signer, problem] = await harness.recoverReference(
      digest,
      dataSlice(signature, 0, 32),
      dataSlice(signature, 32, 64),
    );
    if (problem === 3n) return "MalleableSignature";
    if (problem !== 0n) return "UnrecoverableSignature";
    return signer;
  }

  it("recover the same signer as OpenZeppelin and the library, from sound and from altered bytes", async () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < RUNS; ++i) {
      const digest = choices.hex(32);
      const key = choices.of(keys);
      let signature = key.sign(digest);
      const alteration = choices.whole(0, 4);
      if (alteration === 1) signature = concat([dataSlice(signature, 0, 32), choices.hex(32)]);
      if (alteration === 2) signature = concat([choices.hex(32), dataSlice(signature, 32)]);
      if (alteration === 3) {
        const vs = BigInt(dataSlice(signature, 32)) ^ (1n << 255n);
        signature = concat([dataSlice(signature, 0, 32), `0x${vs.toString(16).padStart(64, "0")}`]);
      }
      const expected = await recoverReference(digest, signature);
      if (alteration === 0) expect(expected).to.equal(key.address);
      expect(await recoverCompact(digest, signature, i), signature).to.equal(expected);
      let byLibrary: string;
      try {
        byLibrary = recover(digest, signature);
      } catch (error) {
        byLibrary = String((error as { code?: unknown }).code);
      }
      const codes = new Map([
        ["MalleableSignature", "SIGNATURE_MALLEABLE"],
        ["UnrecoverableSignature", "SIGNATURE_UNRECOVERABLE"],
      ]);
      expect(byLibrary, signature).to.equal(codes.get(expected) ?? expected);
      seen.set(expected.startsWith("0x") ? "signer" : expected, 1);
    }
    expect([...seen.keys()]).to.include.members(["signer", "UnrecoverableSignature"]);
  });

  it("agree at the edges of r and s", async () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const edge = (r: bigint) => `0x${r.toString(16).padStart(64, "0")}`;
    const one = `0x${"00".repeat(31)}01`;
    const signatures = [
      LARGEST_S,
      MALLEABLE,
      UNRECOVERABLE,
      signatureWith(0n),
      signatureWith(1n),
      signatureWith((1n << 255n) - 1n),
      // The highest bit is the parity, not part of s.
      signatureWith((1n << 255n) + 1n),
      concat([edge(0n), one]),
      concat([edge(order - 1n), one]),
      concat([edge(order), one]),
      concat([edge(2n ** 256n - 1n), one]),
    ];
    const results = [];
    for (const signature of signatures) {
      const digest = choices.hex(32);
      const result = await recoverCompact(digest, signature, 7);
      expect(result, signature).to.equal(await recoverReference(digest, signature));
      results.push(result);
    }
    expect(results[1]).to.equal("MalleableSignature");
    expect(results[2]).to.equal("UnrecoverableSignature");
    await expect(harness.recoverCompact(choices.hex(32), MALLEABLE, 7))
      .to.be.revertedWithCustomError(harness, "MalleableSignature")
      .withArgs(7);
    await expect(harness.recoverCompact(choices.hex(32), UNRECOVERABLE, 8))
      .to.be.revertedWithCustomError(harness, "UnrecoverableSignature")
      .withArgs(8);
  });

  for (const delegated of [false, true]) {
    const name = delegated ? "DelegatedOrder" : "Order";
    it(`hash and recover a run of ${delegated ? "delegated orders" : "orders"} in one area of memory as one by one`, async () => {
      const orders = Array.from({ length: 60 }, () => {
        const key = choices.of(keys);
        const message = {
          meter: choices.hex(20),
          zone: Number(choices.edged(12)),
          slot: Number(choices.edged(24)),
          side: choices.whole(1, 2),
          energyWh: Number(choices.edged(24)),
          limitPrice: Number(choices.edged(32)),
        };
        const types = { [name]: [...MESSAGE_TYPES[name]] };
        const { meter, ...own } = message;
        const typed: Record<string, unknown> = delegated ? { meter, ...own } : own;
        const digest = TypedDataEncoder.hash(domain.fields, types, typed);
        const signature = key.sign(digest);
        expect(verifyTypedData(domain.fields, types, typed, expandSignature(signature))).to.equal(key.address);
        return { order: { ...message, signature }, digest, signer: key.address };
      });
      const calldata = orders.map(({ order }) => order);
      const inPlace = delegated
        ? await harness.delegatedInPlace(domain.separator, calldata)
        : await harness.ordersInPlace(domain.separator, calldata);
      const plain = await harness.ordersPlain(domain.separator, calldata, delegated);
      for (const result of [inPlace, plain]) {
        expect([...result.digests]).to.deep.equal(orders.map(({ digest }) => digest));
        expect([...result.signers]).to.deep.equal(orders.map(({ signer }) => signer));
      }
    });
  }

  it("refuse in place what the plain twin refuses, with the place in the run", async () => {
    const sound = {
      meter: ZeroAddress,
      zone: 1,
      slot: 2,
      side: 1,
      energyWh: 3,
      limitPrice: 4,
      signature: LARGEST_S,
    };
    for (const [signature, error] of [
      [MALLEABLE, "MalleableSignature"],
      [UNRECOVERABLE, "UnrecoverableSignature"],
      [signatureWith(0n), "UnrecoverableSignature"],
    ] as const) {
      const run = [sound, sound, { ...sound, signature }];
      for (const call of [
        harness.ordersInPlace(domain.separator, run),
        harness.delegatedInPlace(domain.separator, run),
        harness.ordersPlain(domain.separator, run, false),
      ]) {
        await expect(call).to.be.revertedWithCustomError(harness, error).withArgs(2);
      }
    }
  });

  it("survive the way to 65 bytes and back", () => {
    for (let i = 0; i < 20; ++i) {
      const signature = choices.of(keys).sign(choices.hex(32));
      expect(compactSignature(expandSignature(signature))).to.equal(signature);
    }
  });
});
