import type { ExchangeEvent } from "../../src/chain/exchange.ts";
import { EXCHANGE_ABI } from "../../src/chain/exchangeAbi.ts";
import { createLogDecoder } from "../../src/chain/logDecoder.ts";
import type { TestMarket } from "../support/testMarket.ts";

/** Every event of the market's exchange, decoded as a connected exchange gives them. */
export async function eventsOf({ exchange, connection }: TestMarket): Promise<ExchangeEvent[]> {
  const decode = createLogDecoder(EXCHANGE_ABI);
  const logs = await connection.ethers.provider.getLogs({ address: await exchange.getAddress(), fromBlock: 0 });
  return logs.flatMap(({ topics, index, ...log }) => decode({ ...log, topics: [...topics], logIndex: index }) ?? []);
}
