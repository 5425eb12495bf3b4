import type { TestMarket, TestMeter } from "../support/testMarket.ts";

/** What the sites of some meters own, ticks: balances, claims and bonds less debts. */
export async function wealthOf(market: TestMarket, meters: readonly TestMeter[]): Promise<bigint> {
  let ticks = 0n;
  for (const meter of meters) {
    ticks += (await market.word(meter)).balanceTicks;
    ticks += (await market.exchange.meterConfig(meter.address)).claimTicks;
  }
  for (const site of new Set(meters.map((meter) => meter.site))) {
    const { bondTicks, debtTicks } = await market.exchange.siteInfo(site);
    ticks += bondTicks - debtTicks;
  }
  return ticks;
}

/** What `act` changes in the wealth of some meters. */
export async function gainOf(
  market: TestMarket,
  meters: readonly TestMeter[],
  act: () => Promise<unknown>,
): Promise<bigint> {
  const before = await wealthOf(market, meters);
  await act();
  return (await wealthOf(market, meters)) - before;
}
