import type { NetworkConnection } from "hardhat/types/network";
import { ticksToBaseUnits } from "../../../src/units.ts";
import { community, readIdle, S, T } from "../given.ts";
import { linesOf } from "../events.ts";
import type { Chapter, Row } from "./row.ts";

/** Three slots that overlap: a late reading, one that never comes, a flag, a withdrawal in between, and the mint cap. */
export async function threeSlots(connection: NetworkConnection): Promise<Chapter[]> {
  const { market, seller, home, buyer, feeder } = await community(connection);
  const { exchange, desk, credit } = market;
  const balance = async (meter: typeof seller) => (await market.word(meter)).balanceTicks;
  const trade = (slot: number, energyWh: number) =>
    market.clear(slot, [
      market.order(seller, slot, "offer", energyWh, 180_000),
      market.order(buyer, slot, "bid", energyWh, 220_000),
    ]);

  // Nothing but the stated credit line backs what is minted, so that it alone sets the headroom.
  await desk.connect(market.grid).setCreditLine(ticksToBaseUnits(10n ** 18n));
  await desk.connect(market.grid).withdrawPledge(market.grid.address, await desk.funds());

  // Slot A = T: everybody is read. Slot B is cleared while A runs, slot C while B runs.
  await trade(T, 500);
  await readIdle(market, S, [seller, home, buyer, feeder]);
  await trade(T + 1, 400);
  await market.at(T + 1, 10);
  const startA = { seller: await balance(seller), buyer: await balance(buyer) };
  const settledA = await linesOf(
    market,
    await market.settleFlows(T, [
      { meter: seller, exportWh: 600 },
      { meter: buyer, importWh: 500 },
      { meter: home, importWh: 100 },
      { meter: feeder },
    ]),
  );
  const slotA: Row[] = [
    {
      who: "Seller",
      what: "A: sold 500 Wh, delivered 600 Wh",
      paper: "500 x 200,000 + 100 x 100,000",
      chain: (await balance(seller)) - startA.seller,
    },
    {
      who: "Seller",
      what: "A: minted for 100 Wh more than sold",
      paper: "100 x 100,000",
      chain: settledA.get(seller.address)?.line.mintedTicks ?? -1n,
    },
    {
      who: "Buyer",
      what: "A: bought 500 Wh and used them: local network charge and levy",
      paper: "-500 x 20,000 - 500 x 10,000",
      chain: (await balance(buyer)) - startA.buyer,
    },
  ];

  // In between the seller's owner asks for 50,000,000 ticks.
  await market.at(T + 1, 100);
  await exchange.connect(seller.owner).requestWithdrawal(seller.address, 50_000_000n, seller.owner.address);
  const asked = await exchange.withdrawal(1);
  await trade(T + 2, 300);

  // Slot B: the seller is read, the buyer is not yet; the feeder lies by 5,000 Wh.
  await market.at(T + 2, 10);
  await market.settleFlows(T + 1, [
    { meter: seller, exportWh: 400 },
    { meter: home, importWh: 100 },
    { meter: feeder, importWh: 5_000 },
  ]);

  // Slot C: the seller's reading never comes; the mint bound leaves 1,000,000 ticks for the home's export.
  await desk.connect(market.grid).setCreditLine((await credit.totalSupply()) + ticksToBaseUnits(1_000_000n));
  await market.at(T + 3, 10);
  const settledC = await linesOf(
    market,
    await market.settleFlows(T + 2, [{ meter: home, exportWh: 40 }, { meter: feeder }]),
  );
  const cap: Row[] = [
    {
      who: "Home",
      what: "C: minted for 40 Wh of export, as far as the bound leaves room",
      paper: "1,000,000",
      chain: settledC.get(home.address)?.line.mintedTicks ?? -1n,
    },
    {
      who: "Home",
      what: "C: the rest waits as a claim",
      paper: "40 x 100,000 - 1,000,000",
      chain: (await exchange.meterConfig(home.address)).claimTicks,
    },
    { who: "Desk", what: "C: headroom that is left", paper: "0", chain: await desk.headroomTicks() },
  ];

  // Deadline of A, then of B. The late reading of B arrives as a gap.
  await market.mineAt(T + 5, 10);
  await exchange.close(1, S, []);
  await exchange.close(1, T, []);
  const openB = (await exchange.slotRecord(1, T + 1)).openPositions;
  await market.at(T + 6, 10);
  const startB = await balance(buyer);
  const late = await market.settleFlows(T + 1, [{ meter: buyer, importWh: 450 }]);
  const closedLane = (await linesOf(market, late, "PositionClosed")).get(buyer.address)?.line;
  const lateLine = (await linesOf(market, late)).get(buyer.address)?.line;
  const mintedLate = closedLane?.mintedTicks ?? -1n;
  const claimLate = (await exchange.meterConfig(buyer.address)).claimTicks;
  await exchange.close(1, T + 1, []);
  const slotB: Row[] = [
    { who: "Slot", what: "B: positions still open at A's deadline", unit: "count", paper: "1", chain: openB },
    {
      who: "Buyer",
      what: "B: its 400 Wh go back at the feed-in price; without headroom they wait as a claim",
      paper: "400 x 100,000",
      chain: mintedLate + claimLate,
    },
    {
      who: "Buyer",
      what: "B: burned for 450 Wh at the cap price",
      paper: "450 x 600,000",
      chain: lateLine?.burnedTicks ?? -1n,
    },
    {
      who: "Buyer",
      what: "B: charges for 450 Wh",
      paper: "450 x 50,000 + 450 x 10,000",
      chain: (lateLine?.networkTicks ?? 0n) + (lateLine?.levyTicks ?? 0n),
    },
    {
      who: "Buyer",
      what: "B: changes its balance",
      paper: "-450 x 660,000",
      chain: (await balance(buyer)) - startB,
    },
    {
      who: "Slot",
      what: "B: flagged? 5,000 Wh at the feeder, of which the unread buyer may explain 2,560 Wh",
      unit: "yes = 1",
      paper: "1",
      chain: (await exchange.isFlagged(1, T + 1)) ? 1n : 0n,
    },
  ];

  // C is closed at its deadline: the seller's 300 Wh count as not delivered, the buyer was read no further than B.
  await market.at(T + 7, 10);
  const startC = { seller: await balance(seller), buyer: await balance(buyer) };
  const closing = await linesOf(
    market,
    await exchange.connect(market.worker).close(1, T + 2, [seller.address, buyer.address]),
    "PositionClosed",
  );
  const slotC: Row[] = [
    {
      who: "Seller",
      what: "C: burned for 300 Wh that never were read",
      paper: "300 x 330,000",
      chain: closing.get(seller.address)?.line.burnedTicks ?? -1n,
    },
    {
      who: "Seller",
      what: "C: changes its balance",
      paper: "300 x 200,000 - 300 x 330,000",
      chain: (await balance(seller)) - startC.seller,
    },
    {
      who: "Buyer",
      what: "C: its 300 Wh go back at the feed-in price, minted out of what was burned",
      paper: "300 x 100,000",
      chain: (await balance(buyer)) - startC.buyer,
    },
  ];

  const wallet = seller.owner.address;
  const before = await credit.balanceOf(wallet);
  const refusedA = await exchange.collectWithdrawal.staticCall(1).then(
    () => 0n,
    () => 1n,
  );
  await exchange.connect(market.inspector).endInspection(1, T + 1, "a wire at the feeder was loose");
  await exchange.collectWithdrawal(1);
  const paid = ((await credit.balanceOf(wallet)) - before) / ticksToBaseUnits(1n);
  await desk.connect(market.grid).setCreditLine((await desk.creditLine()) + ticksToBaseUnits(100_000_000n));
  const startClaim = await balance(home);
  await exchange.payClaim(home.address);
  const money: Row[] = [
    {
      who: "Withdrawal",
      what: "Matures with the slot of its request, so many after A",
      unit: "count",
      paper: "1",
      chain: asked.maturitySlot - BigInt(T),
    },
    { who: "Withdrawal", what: "Refused while B's flag stands?", unit: "yes = 1", paper: "1", chain: refusedA },
    {
      who: "Withdrawal",
      what: "Paid out when the inspector has ended the inspection",
      paper: "50,000,000",
      chain: paid,
    },
    {
      who: "Home",
      what: "Claim paid when the credit line is raised",
      paper: "40 x 100,000 - 1,000,000",
      chain: (await balance(home)) - startClaim,
    },
  ];
  return [
    {
      title: "Three slots: A, everybody is read",
      story:
        "Slots A, B and C follow each other; each is cleared while the one before runs, at 200,000 ticks a Wh: 500, 400 and 300 Wh between the same seller and buyer.",
      rows: slotA,
    },
    {
      title: "Three slots: B, a late reading and a flag",
      story:
        "The buyer's reading of B comes after its deadline, so that its position is settled as if nothing had flowed and its 450 Wh are settled as a gap. The feeder's reading does not fit its meters.",
      rows: slotB,
    },
    {
      title: "Three slots: C, a reading that never comes and the mint cap",
      story:
        "When C is read, the grid may mint 1,000,000 ticks more. The seller's reading of C never comes; C is closed at its deadline.",
      rows: [...cap, ...slotC],
    },
    {
      title: "Three slots: the withdrawal in between",
      story:
        "While B runs the seller's owner asks for 50,000,000 ticks. B's flag holds them until the inspection ends.",
      rows: money,
    },
  ];
}
