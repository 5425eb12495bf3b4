import type { ContractTransactionResponse } from "ethers";
import { decodeMeterWord, type MeterWord } from "../../src/market/meterWord.ts";
import { decodeLine, type SettlementLine } from "../../src/market/packed.ts";
import type { TestMarket } from "../support/testMarket.ts";

export interface ExchangeEvent {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What the exchange says of a transaction, in order. */
export async function eventsOf(market: TestMarket, sent: ContractTransactionResponse): Promise<ExchangeEvent[]> {
  const receipt = await sent.wait();
  const address = await market.exchange.getAddress();
  return (receipt?.logs ?? []).flatMap((log) => {
    const event = log.address === address ? market.exchange.interface.parseLog(log) : null;
    return event === null ? [] : [{ name: event.name, args: [...event.args] as unknown[] }];
  });
}

/** The lines of what was settled or closed, by meter. */
export async function linesOf(
  market: TestMarket,
  sent: ContractTransactionResponse,
  name: "ReadingSettled" | "PositionClosed" = "ReadingSettled",
): Promise<Map<string, { word: MeterWord; line: SettlementLine }>> {
  const lines = new Map<string, { word: MeterWord; line: SettlementLine }>();
  for (const event of await eventsOf(market, sent)) {
    if (event.name !== name) continue;
    const [word, line] = event.args.slice(-2) as [bigint, bigint];
    lines.set(String(event.args[0]), { word: decodeMeterWord(word), line: decodeLine(line) });
  }
  return lines;
}
