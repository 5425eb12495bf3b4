import { getAddress, isAddress, keccak256, toUtf8Bytes } from "ethers";
import { JouleworkError } from "../errors.ts";
import { toBytes, writeUint } from "./bytes.ts";
import { sideCode, type Side } from "./side.ts";

/** EIP-712 types of the market, field for field those of `MarketMessages.sol`. */
export const MESSAGE_TYPES = {
  Order: fields("uint16 zone,uint32 slot,uint8 side,uint32 energyWh,uint32 limitPrice"),
  DelegatedOrder: fields("address meter,uint16 zone,uint32 slot,uint8 side,uint32 energyWh,uint32 limitPrice"),
  Reading: fields("uint16 zone,uint32 slot,uint64 importWh,uint64 exportWh"),
  OrderReceipt: fields("uint16 zone,uint32 slot,bytes32 orderHash"),
  SiteConsent: fields("uint32 site,address owner,uint16 zone"),
  MeterConsent: fields(
    "uint32 site,address meter,uint8 kind,uint8 source,uint8 powerClass,uint32 storageCapacityWh,uint24 bestEfficiencyPpm,uint40 importWh,uint40 exportWh",
  ),
  MeterReplacement: fields(
    "address oldMeter,address newMeter,uint40 finalImportWh,uint40 finalExportWh,bool estimated,uint40 importWh,uint40 exportWh,uint32 nonce",
  ),
  SiteTransfer: fields("uint32 site,address newOwner,uint32 nonce"),
  ReadingCorrection: fields("address meter,uint32 slot,bytes32 leaf,int256 amountTicks,uint32 nonce"),
} satisfies Record<string, MessageField[]>;

export interface MessageField {
  readonly name: string;
  readonly type: string;
}

export type MessageName = keyof typeof MESSAGE_TYPES;
export type MessageValue = string | number | bigint | boolean;

/** The domain that every message is signed for, with its separator worked out. */
export interface MarketDomain {
  readonly fields: {
    readonly name: "Joulework";
    readonly version: "1";
    readonly chainId: number;
    readonly verifyingContract: string;
  };
  readonly separator: string;
}

export interface Order {
  readonly zone: number;
  readonly slot: number;
  readonly side: Side;
  readonly energyWh: number;
  readonly limitPrice: number;
}

export interface RegisterReading {
  readonly zone: number;
  readonly slot: number;
  /** Cumulative registers at the slot's end. */
  readonly importWh: number;
  readonly exportWh: number;
}

/** Messages of owners and devices, by name; `kind` and `source` are codes of `METER_KIND_CODES`, `ENERGY_SOURCE_CODES`. */
export interface ConsentMessages {
  readonly SiteConsent: { readonly site: number; readonly owner: string; readonly zone: number };
  readonly MeterConsent: {
    readonly site: number;
    readonly meter: string;
    readonly kind: number;
    readonly source: number;
    readonly powerClass: number;
    readonly storageCapacityWh: number;
    readonly bestEfficiencyPpm: number;
    readonly importWh: number;
    readonly exportWh: number;
  };
  readonly MeterReplacement: {
    readonly oldMeter: string;
    readonly newMeter: string;
    readonly finalImportWh: number;
    readonly finalExportWh: number;
    readonly estimated: boolean;
    readonly importWh: number;
    readonly exportWh: number;
    readonly nonce: number;
  };
  readonly SiteTransfer: { readonly site: number; readonly newOwner: string; readonly nonce: number };
  readonly ReadingCorrection: {
    readonly meter: string;
    readonly slot: number;
    readonly leaf: string;
    readonly amountTicks: bigint;
    readonly nonce: number;
  };
}

export type ConsentName = keyof ConsentMessages;

const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const MESSAGE_NAMES = Object.keys(MESSAGE_TYPES) as MessageName[];
const TYPE_HASHES = Object.fromEntries(
  MESSAGE_NAMES.map((name) => [name, toBytes("typeHash", keccak256(toUtf8Bytes(typeString(name))), 32)]),
) as Record<MessageName, Uint8Array>;

/** The EIP-712 type string of a message, as it stands in the contract. */
export function typeString(name: MessageName): string {
  return `${name}(${MESSAGE_TYPES[name].map((field) => `${field.type} ${field.name}`).join(",")})`;
}

/** The domain of the exchange at an address of a chain. */
export function marketDomain(chainId: number, verifyingContract: string): MarketDomain {
  const exchange = isAddress(verifyingContract)
    ? getAddress(verifyingContract)
    : invalid("address", "verifyingContract", verifyingContract);
  const bytes = new Uint8Array(160);
  bytes.set(toBytes("hash", keccak256(toUtf8Bytes(DOMAIN_TYPE)), 32), 0);
  bytes.set(toBytes("hash", keccak256(toUtf8Bytes("Joulework")), 32), 32);
  bytes.set(toBytes("hash", keccak256(toUtf8Bytes("1")), 32), 64);
  writeField(bytes, 96, { name: "chainId", type: "uint256" }, chainId);
  writeField(bytes, 128, { name: "verifyingContract", type: "address" }, exchange);
  return {
    fields: { name: "Joulework", version: "1", chainId, verifyingContract: exchange },
    separator: keccak256(bytes),
  };
}

/** EIP-712 struct hash of a message whose values have the message's names. */
export function structHash(name: MessageName, message: Readonly<Record<string, MessageValue>>): string {
  const types = MESSAGE_TYPES[name];
  const bytes = new Uint8Array(32 * (1 + types.length));
  bytes.set(TYPE_HASHES[name], 0);
  types.forEach((field, index) => writeField(bytes, 32 * (1 + index), field, message[field.name]));
  return keccak256(bytes);
}

/** What is signed: keccak256 of 0x1901, the domain separator and the struct hash. */
export function digestOf(domain: MarketDomain, hash: string): string {
  const bytes = new Uint8Array(66);
  bytes[0] = 0x19;
  bytes[1] = 0x01;
  bytes.set(toBytes("separator", domain.separator, 32), 2);
  bytes.set(toBytes("structHash", hash, 32), 34);
  return keccak256(bytes);
}

/** What the device key signs for an order. */
export function orderDigest(domain: MarketDomain, order: Order): string {
  return digestOf(domain, structHash("Order", orderMessage(order)));
}

/** What a delegate signs for an order of `meter`. */
export function delegatedOrderDigest(domain: MarketDomain, meter: string, order: Order): string {
  return digestOf(domain, structHash("DelegatedOrder", { meter, ...orderMessage(order) }));
}

/** Identity of an order: breaks ties of price in the strict order, and makes up the book's hash. */
export function orderHash(digest: string, meter: string): string {
  const bytes = new Uint8Array(64);
  bytes.set(toBytes("digest", digest, 32), 0);
  bytes.set(toBytes("meter", meter, 20), 44);
  return keccak256(bytes);
}

/** What the device key signs for its registers at a slot's end. */
export function readingDigest(domain: MarketDomain, reading: RegisterReading): string {
  const { zone, slot, importWh, exportWh } = reading;
  return digestOf(domain, structHash("Reading", { zone, slot, importWh, exportWh }));
}

/** What the matcher signs for an order that it has taken into its book. */
export function receiptDigest(domain: MarketDomain, zone: number, slot: number, hash: string): string {
  return digestOf(domain, structHash("OrderReceipt", { zone, slot, orderHash: hash }));
}

/** What an owner or a device signs for registration, replacement, transfer and correction. */
export function consentDigest<Name extends ConsentName>(
  domain: MarketDomain,
  name: Name,
  message: ConsentMessages[Name],
): string {
  return digestOf(domain, structHash(name, { ...message }));
}

/** The values of an order as typed data carries them, for wallets that sign typed data themselves. */
export function orderMessage({ zone, slot, side, energyWh, limitPrice }: Order): Record<string, MessageValue> {
  return { zone, slot, side: sideCode(side), energyWh, limitPrice };
}

function fields(list: string): MessageField[] {
  return list.split(",").map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  });
}

function writeField(bytes: Uint8Array, offset: number, field: MessageField, value: MessageValue | undefined): void {
  const { name, type } = field;
  if (type === "address") {
    if (typeof value !== "string" || !isAddress(value)) return invalid(type, name, value);
    bytes.set(toBytes(name, value, 20), offset + 12);
  } else if (type === "bytes32") {
    if (typeof value !== "string") return invalid(type, name, value);
    bytes.set(toBytes(name, value, 32), offset);
  } else if (type === "bool") {
    if (typeof value !== "boolean") return invalid(type, name, value);
    bytes[offset + 31] = Number(value);
  } else if (type === "int256") {
    if (typeof value !== "bigint" || BigInt.asIntN(256, value) !== value) return invalid(type, name, value);
    bytes.set(toBytes(name, `0x${BigInt.asUintN(256, value).toString(16).padStart(64, "0")}`, 32), offset);
  } else {
    const bits = Number(type.slice("uint".length));
    const fits = typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 2 ** bits;
    if (!fits) return invalid(type, name, value);
    writeUint(bytes, offset + 24, 8, value);
  }
}

function invalid(type: string, name: string, value: MessageValue | undefined): never {
  throw new JouleworkError({
    code: "MESSAGE_FIELD_INVALID",
    what: `The message's field is not a valid ${type}`,
    values: { [name]: value ?? null },
    hint: "Addresses and hashes are 0x-hex, energies, prices and slots are whole numbers that fit the field.",
  });
}
