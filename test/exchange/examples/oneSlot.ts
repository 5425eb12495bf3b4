import type { NetworkConnection } from "hardhat/types/network";
import { community, readIdle, S, T } from "../given.ts";
import { eventsOf, linesOf } from "../events.ts";
import type { Chapter, Row } from "./row.ts";

/** One slot with a seller that delivers too little, a buyer that uses too much, a debtor, and a home that is not read. */
export async function oneSlot(connection: NetworkConnection): Promise<Chapter[]> {
  const { market, seller, home, buyer, feeder } = await community(connection);
  const debtor = await market.addMeter({ kind: "consumer", balanceTicks: 30_000_000n });
  const balance = async (meter: typeof seller) => (await market.word(meter)).balanceTicks;
  const begin = { seller: await balance(seller), buyer: await balance(buyer), home: await balance(home) };

  const cleared = await market.clear(T, [
    market.order(seller, T, "offer", 1_000, 150_000),
    market.order(buyer, T, "bid", 800, 250_000),
  ]);
  const record = await market.exchange.slotRecord(1, T);
  const bought = { buyer: await balance(buyer) };
  const slotCleared = (await eventsOf(market, cleared)).find(({ name }) => name === "SlotCleared");
  const fees = (await market.exchange.zoneInfo(1)).accruals;
  const clearing: Row[] = [
    {
      who: "Slot",
      what: "Clearing price, midpoint of 150,000 and 250,000",
      unit: "ticks per Wh",
      paper: "200,000",
      chain: record.clearingPrice,
    },
    { who: "Slot", what: "Matched energy", unit: "Wh", paper: "800", chain: record.matchedWh },
    {
      who: "Buyer",
      what: "Pays at clearing: energy and 1 % fee",
      paper: "800 x 200,000 + 1,600,000",
      chain: begin.buyer - bought.buyer,
    },
    { who: "Slot", what: "Trading fee", paper: "800 x 2,000", chain: slotCleared?.args[5] as bigint },
    { who: "Fee account", what: "40 % of the fee", paper: "640,000", chain: fees.fee },
    { who: "Season pool", what: "20 % of the fee", paper: "320,000", chain: fees.season },
    {
      who: "Matcher",
      what: "Half of the 40 % for work, for clearing",
      paper: "320,000",
      chain: await market.exchange.earned(market.matcher.address),
    },
    { who: "Slot", what: "The other half, for whoever settles", paper: "320,000", chain: record.workTicks },
  ];

  await readIdle(market, S, [seller, buyer, feeder, debtor]);
  await market.at(T + 1, 10);
  const settled = await market.settleFlows(T, [
    { meter: seller, exportWh: 700 },
    { meter: buyer, importWh: 900 },
    { meter: debtor, importWh: 200 },
    { meter: feeder, importWh: 700 },
  ]);
  const lines = await linesOf(market, settled);
  const line = (address: string) => {
    const found = lines.get(address)?.line;
    if (found === undefined) throw new Error("the reading was not settled");
    return found;
  };
  const events = await eventsOf(market, settled);
  const argument = (name: string, place: number) => events.find((event) => event.name === name)?.args[place] as bigint;
  const settling: Row[] = [
    {
      who: "Seller",
      what: "Gets for 800 Wh sold, owes retail price and spared network charge for 100 Wh",
      paper: "800 x 200,000 - 100 x 300,000 - 100 x 30,000",
      chain: (await balance(seller)) - begin.seller,
    },
    {
      who: "Seller",
      what: "Burned for what it did not deliver",
      paper: "100 x 330,000",
      chain: line(seller.address).burnedTicks,
    },
    {
      who: "Buyer",
      what: "Burned for 100 Wh more than it bought",
      paper: "100 x 300,000",
      chain: line(buyer.address).burnedTicks,
    },
    {
      who: "Buyer",
      what: "Network charge: 800 Wh local, 100 Wh from the grid",
      paper: "800 x 20,000 + 100 x 50,000",
      chain: line(buyer.address).networkTicks,
    },
    { who: "Buyer", what: "Levy", paper: "900 x 10,000", chain: line(buyer.address).levyTicks },
    {
      who: "Buyer",
      what: "Changes its balance from order to settlement",
      paper: "-161,600,000 - 30,000,000 - 21,000,000 - 9,000,000",
      chain: (await balance(buyer)) - begin.buyer,
    },
    {
      who: "Debtor",
      what: "Burned: the whole balance",
      paper: "30,000,000",
      chain: line(debtor.address).burnedTicks,
    },
    {
      who: "Debtor",
      what: "Debt of its site: the rest of 200 Wh at the retail price",
      paper: "200 x 300,000 - 30,000,000",
      chain: (await market.exchange.siteInfo(debtor.site)).debtTicks,
    },
    {
      who: "Debtor",
      what: "Network charge that lapses",
      paper: "200 x 50,000",
      chain: argument("ChargesLapsed", 2),
    },
    { who: "Debtor", what: "Levy that lapses", paper: "200 x 10,000", chain: argument("ChargesLapsed", 3) },
    {
      who: "Worker",
      what: "Work money for both positions",
      paper: "320,000",
      chain: await market.exchange.earned(market.worker.address),
    },
  ];

  await market.mineAt(T + 5);
  await market.exchange.close(1, S, []);
  await market.exchange.close(1, T, []);
  const gap = await linesOf(market, await market.settleFlows(T, [{ meter: home, importWh: 300, exportWh: 60 }]));
  const late = gap.get(home.address)?.line;
  if (late === undefined) throw new Error("the gap reading was not settled");
  const closing: Row[] = [
    {
      who: "Slot",
      what: "Import of the meters that were read",
      unit: "Wh",
      paper: "900 + 200",
      chain: (await market.exchange.slotRecord(1, T)).importWh,
    },
    {
      who: "Slot",
      what: "Export of the meters that were read",
      unit: "Wh",
      paper: "700",
      chain: (await market.exchange.slotRecord(1, T)).exportWh,
    },
    {
      who: "Slot",
      what: "Flagged? The home that was not read may explain 300 Wh",
      unit: "yes = 1",
      paper: "0",
      chain: (await market.exchange.isFlagged(1, T)) ? 1n : 0n,
    },
    {
      who: "Home",
      what: "Burned: two slots' import at the cap price",
      paper: "300 x 600,000",
      chain: late.burnedTicks,
    },
    {
      who: "Home",
      what: "Minted: two slots' export at the floor price",
      paper: "60 x 50,000",
      chain: late.mintedTicks,
    },
    { who: "Home", what: "Network charge, all of it the grid's", paper: "300 x 50,000", chain: late.networkTicks },
    { who: "Home", what: "Levy", paper: "300 x 10,000", chain: late.levyTicks },
    {
      who: "Home",
      what: "Changes its balance",
      paper: "60 x 50,000 - 300 x 660,000",
      chain: (await balance(home)) - begin.home,
    },
  ];
  return [
    {
      title: "One slot: clearing",
      story:
        "The seller offers 1,000 Wh at 150,000 ticks a Wh, the buyer bids 800 Wh at 250,000. Retail price 300,000, feed-in price 100,000, trading fee 1 %.",
      rows: clearing,
    },
    {
      title: "One slot: settlement",
      story:
        "The seller delivers 700 Wh of the 800 it sold, the buyer uses 900 Wh of the 800 it bought, the debtor uses 200 Wh with 30,000,000 ticks on its balance. Network charge 20,000 for local and 50,000 for other energy, levy 10,000.",
      rows: settling,
    },
    {
      title: "One slot: closing, and the gap",
      story:
        "The home was read neither for the slot before nor for this one. The feeder measured 700 Wh. After the slot is closed the home's registers arrive: 300 Wh in, 60 Wh out. Cap price 600,000, floor price 50,000.",
      rows: closing,
    },
  ];
}
