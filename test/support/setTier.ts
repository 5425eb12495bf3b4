import { AbiCoder, keccak256, toBeHex } from "ethers";
import { encodeMeterWord } from "../../src/market/meterWord.ts";
import type { TestMarket, TestMeter } from "./testMarket.ts";

/** keccak256(keccak256("joulework.exchange") - 1) without its last byte: where the exchange keeps its words (ERC-7201). */
const WORDS_SLOT = "0x63d5e0b78c5ae97130ca73d868fa80ee61db26da63e46993bb1dada5f8e1d900";

/** Give a meter a tier by writing its word, so that every tier is reached without the months that it takes to earn one. */
export async function setTier(market: TestMarket, meter: TestMeter, tier: number): Promise<void> {
  const key = keccak256(AbiCoder.defaultAbiCoder().encode(["address", "bytes32"], [meter.address, WORDS_SLOT]));
  const word = encodeMeterWord({ ...(await market.word(meter)), tier });
  await market.connection.networkHelpers.setStorageAt(await market.exchange.getAddress(), key, toBeHex(word, 32));
}
