import { AbiCoder, keccak256, toBeHex } from "ethers";
import { encodeMeterWord, type MeterWord } from "../../src/market/meterWord.ts";
import type { TestMarket } from "./testMarket.ts";

/** Where the exchange's state begins, see `ExchangeStorage`: words, configurations, sites and zones are its first mappings. */
const STORAGE = 0x63d5e0b78c5ae97130ca73d868fa80ee61db26da63e46993bb1dada5f8e1d900n;
const [WORDS, CONFIGS, SITES, ZONES] = [STORAGE, STORAGE + 1n, STORAGE + 2n, STORAGE + 4n];
/** The word of a zone that holds the sums of its charges. */
const ACCRUALS = 5n;
const FIELD = 64n;

/** Change a meter's word behind the contract's back. */
export async function storeWord(market: TestMarket, meter: string, changes: Partial<MeterWord>): Promise<void> {
  const word = { ...(await market.word(meter)), ...changes };
  await store(market, entryOf("address", meter, WORDS), encodeMeterWord(word));
}

/** Change a site's debt behind the contract's back. */
export async function storeDebt(market: TestMarket, site: number, debtTicks: bigint): Promise<void> {
  await storeField(market, entryOf("uint256", site, SITES) + 1n, 1n, debtTicks);
}

/** Change a meter's claim behind the contract's back. */
export async function storeClaim(market: TestMarket, meter: string, claimTicks: bigint): Promise<void> {
  await storeField(market, entryOf("address", meter, CONFIGS) + 1n, 0n, claimTicks);
}

/** Change what a zone's account may collect behind the contract's back. */
export async function storeAccrual(
  market: TestMarket,
  zone: number,
  charge: "network" | "levy" | "fee" | "season",
  ticks: bigint,
): Promise<void> {
  const place = BigInt(["network", "levy", "fee", "season"].indexOf(charge));
  await storeField(market, entryOf("uint256", zone, ZONES) + ACCRUALS, place, ticks);
}

/** Set the 64-bit field at this place of a word, counted from its low end. */
async function storeField(market: TestMarket, slot: bigint, place: bigint, value: bigint): Promise<void> {
  const held = BigInt(await market.connection.networkHelpers.getStorageAt(await market.exchange.getAddress(), slot));
  const shift = place * FIELD;
  const rest = held & ~(((1n << FIELD) - 1n) << shift);
  await store(market, slot, rest | (value << shift));
}

function entryOf(type: "address" | "uint256", key: string | number, mapping: bigint): bigint {
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode([type, "uint256"], [key, mapping])));
}

async function store(market: TestMarket, slot: bigint, value: bigint): Promise<void> {
  await market.connection.networkHelpers.setStorageAt(await market.exchange.getAddress(), slot, toBeHex(value, 32));
}
