import { readFileSync } from "node:fs";
import { expect } from "chai";
import { id, TypedDataEncoder, verifyTypedData, Wallet } from "ethers";
import fc from "fast-check";
import {
  consentDigest,
  delegatedOrderDigest,
  marketDomain,
  MESSAGE_TYPES,
  orderDigest,
  orderMessage,
  readingDigest,
  receiptDigest,
  structHash,
  typeString,
  type MessageName,
  type MessageValue,
} from "../../src/market/messages.ts";
import {
  orderSigner,
  readingSigner,
  receiptSigner,
  receiveOrder,
  requireOrderSigner,
  signConsent,
  signDelegatedOrder,
  signOrder,
  signReading,
  signReceipt,
} from "../../src/market/sign.ts";
import { compactSignature, expandSignature, recover, signingKey } from "../../src/market/signer.ts";
import { codeOf, DOMAIN, keyOf } from "./helpers.ts";

const SOLIDITY = new URL("../../contracts/energy/libraries/MarketMessages.sol", import.meta.url);
const NAMES = Object.keys(MESSAGE_TYPES) as MessageName[];
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const ORDER = { zone: 3, slot: 1_950_000, side: "bid", energyWh: 1200, limitPrice: 250_000 } as const;

/** Random values of a message's fields, by EIP-712 type. */
function valuesOf(name: MessageName): fc.Arbitrary<Record<string, MessageValue>> {
  const fields = MESSAGE_TYPES[name].map((field) => [field.name, valueOf(field.type)] as const);
  return fc.record(Object.fromEntries(fields));
}

function valueOf(type: string): fc.Arbitrary<MessageValue> {
  if (type === "address") return fc.uint8Array({ minLength: 20, maxLength: 20 }).map(hex);
  if (type === "bytes32") return fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hex);
  if (type === "bool") return fc.boolean();
  if (type === "int256") return fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n });
  return fc.integer({ min: 0, max: Math.min(2 ** Number(type.slice(4)) - 1, Number.MAX_SAFE_INTEGER) });
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

describe("messages of the market", () => {
  it("have the type strings that the contract hashes", () => {
    const hashed = [...readFileSync(SOLIDITY, "utf8").matchAll(/keccak256\(\s*"([^"]+)"/g)].map(([, type]) => type);
    expect(NAMES.map(typeString).sort()).to.deep.equal(hashed.sort());
  });

  it("have the domain separator that ethers works out", () => {
    expect(DOMAIN.separator).to.equal(TypedDataEncoder.hashDomain(DOMAIN.fields));
    const other = marketDomain(2 ** 40, "0xdead00000000000000000000000000000000beef");
    expect(other.separator).to.equal(TypedDataEncoder.hashDomain(other.fields));
  });

  for (const name of NAMES) {
    it(`hash a ${name} as ethers does, whatever its values`, () => {
      fc.assert(
        fc.property(valuesOf(name), (message) => {
          const types = { [name]: MESSAGE_TYPES[name] };
          expect(structHash(name, message)).to.equal(TypedDataEncoder.hashStruct(name, types, message));
        }),
        { numRuns: 50 },
      );
    });
  }

  it("are digested as ethers does", () => {
    const meter = keyOf(1).address;
    const typed = (name: MessageName, message: Record<string, MessageValue>): string =>
      TypedDataEncoder.hash(DOMAIN.fields, { [name]: MESSAGE_TYPES[name] }, message);
    const order = { zone: 3, slot: 1_950_000, side: 1, energyWh: 1200, limitPrice: 250_000 };
    expect(orderDigest(DOMAIN, ORDER)).to.equal(typed("Order", order));
    expect(orderDigest(DOMAIN, { ...ORDER, side: "offer" })).to.equal(typed("Order", { ...order, side: 2 }));
    expect(delegatedOrderDigest(DOMAIN, meter, ORDER)).to.equal(typed("DelegatedOrder", { meter, ...order }));
    const reading = { zone: 3, slot: 7, importWh: 2 ** 40 - 1, exportWh: 5 };
    expect(readingDigest(DOMAIN, reading)).to.equal(typed("Reading", reading));
    const receipt = { zone: 3, slot: 7, orderHash: id("order") };
    expect(receiptDigest(DOMAIN, 3, 7, receipt.orderHash)).to.equal(typed("OrderReceipt", receipt));
    const consent = { site: 1, owner: meter, zone: 3 };
    expect(consentDigest(DOMAIN, "SiteConsent", consent)).to.equal(typed("SiteConsent", consent));
  });

  it("bind the chain and the exchange", () => {
    const exchange = DOMAIN.fields.verifyingContract;
    const digests = [DOMAIN, marketDomain(1, exchange), marketDomain(31337, keyOf(9).address)].map((domain) =>
      orderDigest(domain, ORDER),
    );
    expect(new Set(digests).size).to.equal(3);
  });

  it("refuse values that do not fit their fields", () => {
    for (const bad of [{ zone: 2 ** 16 }, { slot: -1 }, { energyWh: 1.5 }, { limitPrice: Number.NaN }]) {
      expect(
        codeOf(() => orderDigest(DOMAIN, { ...ORDER, ...bad })),
        JSON.stringify(bad),
      ).to.equal("MESSAGE_FIELD_INVALID");
    }
    expect(codeOf(() => delegatedOrderDigest(DOMAIN, "0x1234", ORDER))).to.equal("MESSAGE_FIELD_INVALID");
    expect(codeOf(() => receiptDigest(DOMAIN, 1, 1, "0x12"))).to.equal("HEX_INVALID");
    expect(codeOf(() => marketDomain(1, "exchange"))).to.equal("MESSAGE_FIELD_INVALID");
    expect(codeOf(() => marketDomain(-1, DOMAIN.fields.verifyingContract))).to.equal("MESSAGE_FIELD_INVALID");
    const correction = { meter: keyOf(1).address, slot: 1, leaf: id("leaf"), amountTicks: 2n ** 255n, nonce: 0 };
    expect(codeOf(() => consentDigest(DOMAIN, "ReadingCorrection", correction))).to.equal("MESSAGE_FIELD_INVALID");
  });
});

describe("a signing key", () => {
  it("has the address and the signatures of an ethers wallet", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (secret, message) => {
          fc.pre(BigInt(hex(secret)) > 0n && BigInt(hex(secret)) < CURVE_ORDER);
          const wallet = new Wallet(hex(secret));
          const key = signingKey(hex(secret));
          expect(key.address).to.equal(wallet.address);
          const signature = wallet.signingKey.sign(hex(message));
          expect(key.sign(hex(message))).to.equal(signature.compactSerialized);
          expect(expandSignature(key.sign(hex(message)))).to.equal(signature.serialized);
          expect(compactSignature(signature.serialized)).to.equal(signature.compactSerialized);
          expect(recover(hex(message), signature.compactSerialized)).to.equal(wallet.address);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is refused where it is none, and never printed", () => {
    for (const secret of ["", "0x12", `0x${"0".repeat(64)}`, `0x${CURVE_ORDER.toString(16)}`, `0x${"zz".repeat(32)}`]) {
      expect(codeOf(() => signingKey(secret))).to.equal("PRIVATE_KEY_INVALID");
    }
    expect(JSON.stringify(keyOf(7))).to.not.include("0707");
    expect(() => signingKey(`0x${"77".repeat(31)}`))
      .to.throw()
      .with.property("message")
      .that.does.not.include("7777");
  });
});

describe("a signature", () => {
  const key = keyOf(1);
  const digest = id("digest");

  it("of another key or message recovers another address", () => {
    expect(recover(digest, key.sign(digest))).to.equal(key.address);
    expect(recover(id("other"), key.sign(digest))).to.not.equal(key.address);
  });

  it("with an s in the upper half of the curve's order is refused, as the contract refuses it", () => {
    const r = key.sign(digest).slice(0, 66);
    const half = CURVE_ORDER / 2n;
    const withS = (s: bigint) => `${r}${s.toString(16).padStart(64, "0")}`;
    expect(codeOf(() => recover(digest, withS(half + 1n)))).to.equal("SIGNATURE_MALLEABLE");
    expect(codeOf(() => recover(digest, withS(2n ** 255n - 1n)))).to.equal("SIGNATURE_MALLEABLE");
    expect(recover(digest, withS(half))).to.match(/^0x/);
  });

  it("that is no curve point is refused", () => {
    expect(codeOf(() => recover(digest, `0x${"00".repeat(64)}`))).to.equal("SIGNATURE_UNRECOVERABLE");
    expect(codeOf(() => recover(digest, `0x${"ff".repeat(32)}${"01".repeat(32)}`))).to.equal("SIGNATURE_UNRECOVERABLE");
  });

  it("of another length is refused", () => {
    expect(codeOf(() => recover(digest, "0x1234"))).to.equal("HEX_INVALID");
    expect(codeOf(() => compactSignature(key.sign(digest)))).to.equal("HEX_INVALID");
    expect(codeOf(() => compactSignature(`0x${"11".repeat(64)}1d`))).to.equal("SIGNATURE_NOT_COMPACTABLE");
  });
});

describe("signed messages", () => {
  const meter = keyOf(1);
  const delegate = keyOf(2);
  const matcher = keyOf(3);

  it("of an order recover the device key, and differ from meter to meter in their hash", () => {
    const order = signOrder(DOMAIN, meter, ORDER);
    expect(orderSigner(DOMAIN, order)).to.equal(meter.address);
    expect(receiveOrder(DOMAIN, ORDER, order.signature)).to.deep.equal(order);
    expect(signOrder(DOMAIN, delegate, ORDER).hash).to.not.equal(order.hash);
    requireOrderSigner(DOMAIN, order, meter.address.toLowerCase());
    expect(codeOf(() => requireOrderSigner(DOMAIN, order, delegate.address))).to.equal("ORDER_SIGNER_WRONG");
  });

  it("of a delegate name the meter and recover the delegate", () => {
    const order = signDelegatedOrder(DOMAIN, delegate, meter.address, ORDER);
    expect(order.meter).to.equal(meter.address);
    expect(orderSigner(DOMAIN, order)).to.equal(delegate.address);
    expect(receiveOrder(DOMAIN, ORDER, order.signature, meter.address)).to.deep.equal(order);
  });

  it("of a wallet that signs typed data are as good as our own", async () => {
    const wallet = new Wallet(`0x${"01".repeat(32)}`);
    const signature = await wallet.signTypedData(DOMAIN.fields, { Order: MESSAGE_TYPES.Order }, orderMessage(ORDER));
    expect(receiveOrder(DOMAIN, ORDER, compactSignature(signature)).meter).to.equal(meter.address);
  });

  it("of a reading and a receipt recover who signed them", () => {
    const reading = signReading(DOMAIN, meter, { zone: 3, slot: 1_950_000, importWh: 123_456, exportWh: 99 });
    expect(readingSigner(DOMAIN, reading, reading.signature)).to.equal(meter.address);
    const receipt = signReceipt(DOMAIN, matcher, signOrder(DOMAIN, meter, ORDER));
    expect(receiptSigner(DOMAIN, receipt)).to.equal(matcher.address);
    expect(receiptSigner(DOMAIN, { ...receipt, slot: receipt.slot + 1 })).to.not.equal(matcher.address);
  });

  it("of an owner's consent have the 65 bytes that a registry checks", () => {
    const message = { site: 4, newOwner: delegate.address, nonce: 2 };
    const signature = signConsent(DOMAIN, meter, "SiteTransfer", message);
    const types = { SiteTransfer: MESSAGE_TYPES.SiteTransfer };
    expect(signature).to.have.length(2 + 2 * 65);
    expect(verifyTypedData(DOMAIN.fields, types, message, signature)).to.equal(meter.address);
  });
});
