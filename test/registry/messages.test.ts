import { expect } from "chai";
import { AbiCoder, TypedDataEncoder, getAddress, id, keccak256, toBeHex, zeroPadValue } from "ethers";
import hre from "hardhat";
import { MESSAGE_TYPES, orderHash, structHash, typeString, type MessageName } from "../../src/market/messages.ts";
import { deployTestMarket, type TestMarket } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;

/** Every message in the order in which `MarketMessages` declares its type hash. */
const NAMES: MessageName[] = [
  "Order",
  "DelegatedOrder",
  "Reading",
  "OrderReceipt",
  "SiteConsent",
  "MeterConsent",
  "MeterReplacement",
  "SiteTransfer",
  "ReadingCorrection",
];
const METER = getAddress(id("some meter").slice(0, 42));

async function deployed() {
  const market: TestMarket = await deployTestMarket(connection);
  return { market, hashes: await ethers.deployContract("MessageHashes") };
}

async function load() {
  return networkHelpers.loadFixture(deployed);
}

/** ethers' own implementation of EIP-712, which neither the library nor the contracts use. */
function reference(name: MessageName, message: Record<string, unknown>): string {
  return TypedDataEncoder.from({ [name]: MESSAGE_TYPES[name].map((field) => ({ ...field })) }).hash(message);
}

describe("EIP-712 messages of contract and library", () => {
  it("have the same type hashes, all nine, which are those of their type strings", async () => {
    const { hashes } = await load();
    expect(Object.keys(MESSAGE_TYPES).sort()).to.deep.equal([...NAMES].sort());
    const declared = [...(await hashes.typeHashes())];
    expect(declared).to.deep.equal(NAMES.map((name) => id(typeString(name))));
    expect(new Set(declared).size).to.equal(NAMES.length);
  });

  it("have the same struct hashes, with every field at its smallest and at its largest value", async () => {
    const { hashes } = await load();
    for (const largest of [false, true]) {
      const most = (bits: number) => (largest ? 2 ** bits - 1 : 0);
      const order = {
        zone: most(16),
        slot: most(32),
        side: most(8),
        energyWh: most(32),
        limitPrice: most(32),
      };
      const ofOrder = await hashes.orderStruct(order.zone, order.slot, order.side, order.energyWh, order.limitPrice);
      expect(ofOrder).to.equal(structHash("Order", order));
      expect(ofOrder).to.equal(reference("Order", order));

      const delegated = { meter: METER, ...order };
      expect(
        await hashes.delegatedOrderStruct(METER, order.zone, order.slot, order.side, order.energyWh, order.limitPrice),
      )
        .to.equal(structHash("DelegatedOrder", delegated))
        .and.to.equal(reference("DelegatedOrder", delegated));

      // Registers are 40 bits wide, though the message leaves them 64.
      const reading = { zone: most(16), slot: most(32), importWh: most(40), exportWh: most(40) };
      expect(await hashes.readingStruct(reading.zone, reading.slot, reading.importWh, reading.exportWh))
        .to.equal(structHash("Reading", reading))
        .and.to.equal(reference("Reading", reading));

      const receipt = { zone: most(16), slot: most(32), orderHash: largest ? id("an order") : ethers.ZeroHash };
      expect(await hashes.receiptStruct(receipt.zone, receipt.slot, receipt.orderHash))
        .to.equal(structHash("OrderReceipt", receipt))
        .and.to.equal(reference("OrderReceipt", receipt));
    }
  });

  it("have the same order hash: digest and meter, padded to a word", async () => {
    const { hashes } = await load();
    const digest = id("a digest");
    const expected = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "address"], [digest, METER]));
    expect(await hashes.orderHash(digest, METER))
      .to.equal(expected)
      .and.to.equal(orderHash(digest, METER));
  });

  it("are signed for the deployed exchange's domain: name, version, chain and address", async () => {
    const { market, hashes } = await load();
    const separator = await market.exchange.domainSeparator();
    expect(separator).to.equal(market.domain.separator);
    expect(separator).to.equal(
      TypedDataEncoder.hashDomain({
        name: "Joulework",
        version: "1",
        chainId: (await ethers.provider.getNetwork()).chainId,
        verifyingContract: await market.exchange.getAddress(),
      }),
    );
    const transfer = { site: 3, newOwner: METER, nonce: 7 };
    expect(await hashes.digest(separator, reference("SiteTransfer", transfer))).to.equal(
      TypedDataEncoder.hash(
        market.domain.fields,
        { SiteTransfer: MESSAGE_TYPES.SiteTransfer.map((field) => ({ ...field })) },
        transfer,
      ),
    );
  });
});

describe("the exchange's state", () => {
  const namespace = BigInt(id("joulework.exchange")) - 1n;
  const expected = BigInt(keccak256(zeroPadValue(toBeHex(namespace), 32))) & ~0xffn;

  it("begins at the ERC-7201 slot of joulework.exchange", async () => {
    const { hashes } = await load();
    expect(BigInt(await hashes.storageSlot())).to.equal(expected);
  });

  it("lies there in the deployed exchange: the word of a meter is the first mapping's", async () => {
    const { market } = await load();
    const meter = await market.addMeter({ kind: "consumer" });
    const slot = keccak256(AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [meter.address, expected]));
    const stored = await ethers.provider.getStorage(await market.exchange.getAddress(), slot);
    expect(BigInt(stored)).to.equal(await market.exchange.meterWord(meter.address));
    expect(BigInt(stored)).to.be.gt(0n);
  });
});
