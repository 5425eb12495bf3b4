import { ZeroAddress } from "ethers";
import { connectContract, type ConnectedContract } from "../chain/contract.ts";
import { EXCHANGE_ABI } from "../chain/exchangeAbi.ts";
import type { RpcCall, RpcClient, RpcOutcome } from "../chain/rpc.ts";
import { METER_KIND_CODES } from "../market/codes.ts";
import type { MarketDomain } from "../market/messages.ts";
import { decodeMeterWord } from "../market/meterWord.ts";
import { sideCode } from "../market/side.ts";
import { RECORD_RING_SLOTS } from "../market/timeline.ts";
import type { Findings } from "./findings.ts";
import { backing, headroomTicks, queuedAmount } from "./desk.ts";
import { readReputation } from "./readReputation.ts";
import { readInspections } from "./inspectionEvents.ts";
import { readSeasons } from "./readSeasons.ts";
import { compareWords } from "./run.ts";
import { CHARGE_NAMES, type AuditState, type SlotEntry, type ZoneEntry } from "./state.ts";
import { CREDIT_ABI, DESK_ABI } from "./systemAbi.ts";
import { decodeTerms } from "./zoneEvents.ts";
import type { Place } from "./types.ts";

export interface ReadBackParameters {
  readonly rpc: RpcClient;
  readonly domain: MarketDomain;
  readonly credit: string;
  readonly desk: string;
  readonly reputation: string;
  readonly seasons: string;
  readonly badges: string;
  readonly inspections: string;
  /** The block that the rebuilt state ends with. */
  readonly block: number;
}

interface Reader {
  readonly state: AuditState;
  readonly findings: Findings;
  readonly rpc: RpcClient;
  readonly block: number;
  readonly exchange: ConnectedContract<typeof EXCHANGE_ABI>;
}

/** Reads every word and record from the chain and compares it with what was rebuilt from the events. */
export async function readBack(
  state: AuditState,
  findings: Findings,
  { rpc, domain, credit, desk, reputation, seasons, badges, inspections, block }: ReadBackParameters,
): Promise<void> {
  const exchange = connectContract({ rpc, abi: EXCHANGE_ABI, address: domain.fields.verifyingContract });
  const reader: Reader = { state, findings, rpc, block, exchange };
  await readMeters(reader);
  await readSites(reader);
  for (const [number, zone] of state.zones) await readZone(reader, number, zone);
  await readEnergyQueue(reader);
  await readMoney(reader);
  await readCredits(reader, domain, credit, desk);
  await readDesk(reader, desk);
  await readReputation(state, findings, { rpc, address: reputation, block });
  await readSeasons(state.seasons, findings, { rpc, seasons, badges, block });
  await readInspections(state.inspections, findings, { rpc, address: inspections, block });
}

async function readMeters({ state, findings, rpc, block, exchange }: Reader): Promise<void> {
  const entries = [...state.meters];
  const words = await rpc.all(entries.map(([meter]) => exchange.request("meterWord", [meter], block)));
  const configs = await rpc.all(entries.map(([meter]) => exchange.request("meterConfig", [meter], block)));
  for (const [index, [meter, entry]] of entries.entries()) {
    const [word, config] = [words[index], configs[index]];
    if (word === undefined || config === undefined) continue;
    const place = { meter, site: entry.site };
    compareWords(findings, "chain", place, entry.word, decodeMeterWord(word), word);
    compare(findings, place, "config", [
      ["site", entry.site, config.site],
      ["kind", METER_KIND_CODES[entry.kind], config.kind],
      ["source", entry.source, config.source],
      ["status", entry.status, config.status],
      ["delegate", entry.delegate, config.delegate],
      ["claimTicks", entry.claimTicks, config.claimTicks],
      ["storageCapacityWh", entry.storageCapacityWh, config.storageCapacityWh],
      ["storageAllowanceWh", entry.storage.allowanceWh, config.storageAllowanceWh],
      ["bestEfficiencyPpm", entry.storage.bestEfficiencyPpm, config.bestEfficiencyPpm],
      ["firstImportWh", entry.storage.firstImportWh, config.firstImportWh],
      ["firstExportWh", entry.storage.firstExportWh, config.firstExportWh],
    ]);
  }
  findings.add("chain", "meters", entries.length);
}

async function readSites({ state, findings, rpc, block, exchange }: Reader): Promise<void> {
  const entries = [...state.sites];
  const sites = await rpc.all(entries.map(([site]) => exchange.request("siteInfo", [site], block)));
  for (const [index, [number, entry]] of entries.entries()) {
    const site = sites[index];
    if (site === undefined) continue;
    compare(findings, { site: number }, "site", [
      ["owner", entry.owner, site.owner],
      ["zone", entry.zone, site.zone],
      ["nonce", entry.nonce, site.nonce],
      ["bondTicks", entry.bondTicks, site.bondTicks],
      ["debtTicks", entry.debtTicks, site.debtTicks],
      ["unbondingTicks", entry.unbondingTicks, site.unbondingTicks],
      ["unbondingSlot", entry.unbondingSlot, site.unbondingSlot],
      ["faults", entry.faults, site.faults],
      ["meters", entry.meters.join(), site.meters.join()],
    ]);
  }
  findings.add("chain", "sites", entries.length);
}

async function readZone(reader: Reader, number: number, entry: ZoneEntry): Promise<void> {
  const { findings, block, exchange } = reader;
  const zone = await exchange.read("zoneInfo", [number], block);
  const place = { zone: number };
  compare(findings, place, "zone", [
    ["createdSlot", entry.createdSlot, zone.createdSlot],
    ["closedThrough", entry.closedThrough, zone.closedThrough],
    ["newestSlot", entry.newestSlot, zone.newestSlot],
    ["activeMeters", entry.activeMeters, zone.activeMeters],
    ["ratedWh", entry.ratedWh, zone.ratedWh],
    ["flagged", entry.flagged, zone.flagged],
    ["feeder", entry.feeder, zone.feeder],
    ["tariffThrough", entry.tariff.through, zone.tariffThrough],
    ["referencePrice", entry.tariff.referencePrice, zone.referencePrice],
  ]);
  for (const name of CHARGE_NAMES) {
    findings.expect("chain", place, `accrued ${name}`, entry.accruals[name], zone.accruals[name]);
    findings.expect("chain", place, `account ${name}`, entry.accounts[name], zone.accounts[name]);
  }
  const [terms, next] = [decodeTerms(zone.terms), decodeTerms(zone.nextTerms)];
  findings.expect("chain", place, "terms", record(entry.terms), record(terms));
  if (entry.nextTerms !== undefined)
    findings.expect("chain", place, "next terms", record(entry.nextTerms), record(next));
  findings.expect("chain", place, "limits", record(entry.limits), record(zone.limits));
  await readTariffs(reader, number, entry);
  await readRecords(reader, number, entry);
}

/** Prices and published scarcities that the exchange still answers for. */
async function readTariffs({ findings, rpc, block, exchange }: Reader, zone: number, entry: ZoneEntry): Promise<void> {
  const held = [...entry.tariffs.values()].filter(({ slot }) => slot > entry.tariff.through - RECORD_RING_SLOTS);
  const prices = await rpc.all(held.map(({ slot }) => exchange.request("tariffAt", [zone, slot], block)));
  const scarcities = await rpc.all(held.map(({ slot }) => exchange.request("scarcityAt", [zone, slot], block)));
  for (const [index, { slot, importPrice, exportPrice, scarcityPpm }] of held.entries()) {
    const found = prices[index];
    if (found === undefined) continue;
    const place = { zone, slot };
    findings.expect("chain", place, "import price", importPrice, found.importPrice);
    findings.expect("chain", place, "export price", exportPrice, found.exportPrice);
    findings.expect("chain", place, "scarcity", scarcityPpm, found.scarcityPpm);
    findings.expect("chain", place, "published scarcity", BigInt(scarcityPpm), scarcities[index] ?? "none");
  }
  const first = Math.max(entry.createdSlot, entry.tariff.through - RECORD_RING_SLOTS + 1);
  findings.expect("chain", { zone }, "prices held", entry.tariff.through - first + 1, held.length);
  findings.add("chain", "prices", held.length);
}

async function readEnergyQueue({ state, findings, block, exchange }: Reader): Promise<void> {
  const { queue, fromSlot } = await exchange.read("energyQueue", [], block);
  findings.expect("chain", {}, "energy queue", state.energyQueue?.queue ?? ZeroAddress, queue);
  findings.expect("chain", {}, "first slot of the energy queue", state.energyQueue?.fromSlot ?? 0, fromSlot);
}

async function readRecords(
  { findings, rpc, block, exchange }: Reader,
  zone: number,
  { ring }: ZoneEntry,
): Promise<void> {
  const records = ring.filter((entry): entry is SlotEntry => entry !== undefined);
  const found = await rpc.batch(records.map(({ slot }) => exchange.request("slotRecord", [zone, slot], block)));
  const lists = await rpc.batch(records.map(({ slot }) => exchange.request("placedOrders", [zone, slot], block)));
  for (const [index, entry] of records.entries()) {
    const place = { zone, slot: entry.slot };
    const [chain, list] = [heldOf(found[index]), heldOf(lists[index])];
    if (chain === undefined || list === undefined) {
      findings.fail("chain", place, "record", "held", "not held");
      continue;
    }
    const { terms } = entry;
    compare(findings, place, "record", [
      ["importPrice", terms.importPrice, chain.importPrice],
      ["exportPrice", terms.exportPrice, chain.exportPrice],
      ["feePpm", terms.feePpm, chain.feePpm],
      ["networkLocalPrice", terms.networkLocalPrice, chain.networkLocalPrice],
      ["networkGridPrice", terms.networkGridPrice, chain.networkGridPrice],
      ["levyPrice", terms.levyPrice, chain.levyPrice],
      ["status", entry.status, chain.status],
      ["clearingPrice", entry.clearingPrice, chain.clearingPrice],
      ["openPositions", entry.openPositions, chain.openPositions],
      ["readCount", entry.readCount, chain.readCount],
      ["importWh", entry.importWh, chain.importWh],
      ["exportWh", entry.exportWh, chain.exportWh],
      ["readRatedWh", entry.readRatedWh, chain.readRatedWh],
      ["feederWh", entry.feederWh, chain.feederWh],
      ["workTicks", entry.workTicks, chain.workTicks],
      ["bookHash", entry.bookHash, chain.bookHash],
      ["matcher", entry.matcher, chain.matcher],
      ["bookOrders", entry.bookOrders, chain.bookOrders],
      ["matchedWh", entry.matchedWh, chain.matchedWh],
      ["placedCount", entry.placed.length, chain.placedCount],
    ]);
    for (const [at, order] of entry.placed.entries()) {
      const placed = list[at];
      const where = { ...place, meter: order.meter };
      findings.expect("chain", where, "placed order's meter", order.meter, placed?.meter ?? "none");
      findings.expect("chain", where, "placed order's energyWh", order.energyWh, placed?.energyWh ?? "none");
      if (order.energyWh === 0 || placed === undefined) continue;
      findings.expect("chain", where, "placed order's side", sideCode(order.side), placed.side);
      findings.expect("chain", where, "placed order's limitPrice", order.limitPrice, placed.limitPrice);
    }
  }
  findings.add("chain", "slotRecords", records.length);
}

async function readMoney({ state, findings, rpc, block, exchange }: Reader): Promise<void> {
  const waiting = [...state.withdrawals];
  const withdrawals = await rpc.all(waiting.map(([id]) => exchange.request("withdrawal", [id], block)));
  for (const [index, [id, entry]] of waiting.entries()) {
    const found = withdrawals[index];
    compare(findings, { meter: entry.meter }, `withdrawal ${id}`, [
      ["to", entry.to, found?.to ?? "none"],
      ["amountTicks", entry.amountTicks, found?.amountTicks ?? "none"],
      ["maturitySlot", entry.maturitySlot, found?.maturitySlot ?? "none"],
    ]);
  }
  const workers = [...state.earnedTicks];
  const earned = await rpc.all(workers.map(([worker]) => exchange.request("earned", [worker], block)));
  for (const [index, [account, ticks]] of workers.entries()) {
    findings.expect("chain", { account }, "earned", ticks, earned[index] ?? "none");
  }
  const matchers = [...state.matcherBonds];
  const bonds = await rpc.all(matchers.map(([matcher]) => exchange.request("matcherBond", [matcher], block)));
  for (const [index, [account, bond]] of matchers.entries()) {
    findings.expect("chain", { account }, "matcher bond", bond.ticks, bonds[index]?.ticks ?? "none");
    findings.expect("chain", { account }, "matcher unlock slot", bond.unlockSlot, bonds[index]?.unlockSlot ?? "none");
  }
  for (const [key, entry] of state.evidence) {
    const [meter = "", slotText = "0"] = key.split("/");
    const slot = Number(slotText);
    const found = await exchange.read("evidence", [meter, slot], block);
    findings.expect("chain", { meter, slot }, "energy used as evidence", entry.usedWh, found.usedWh);
    findings.expect("chain", { meter, slot }, "reading void", entry.void, found.void);
    findings.expect("chain", { meter, slot }, "export certified", entry.certified, found.certified);
  }
}

async function readCredits(
  { state, findings, rpc, block, exchange }: Reader,
  domain: MarketDomain,
  creditAddress: string,
  deskAddress: string,
): Promise<void> {
  const credit = connectContract({ rpc, abi: CREDIT_ABI, address: creditAddress });
  const holders = [...state.balances];
  const balances = await rpc.all(
    holders.map(([holder]): RpcCall<bigint> => credit.request("balanceOf", [holder], block)),
  );
  for (const [index, [account, balance]] of holders.entries()) {
    findings.expect("chain", { account }, "credit balance", balance, balances[index] ?? "none");
  }
  findings.add("chain", "holders", holders.length);
  compare(findings, {}, "system", [
    ["totalSupply", state.supply, await credit.read("totalSupply", [], block)],
    ["domain separator", domain.separator, await exchange.read("domainSeparator", [], block)],
    ["credit token", creditAddress, await exchange.read("credit", [], block)],
    ["mint bound", deskAddress, await exchange.read("mintBound", [], block)],
    ["tier discounts", state.tierDiscounts, await exchange.read("tierDiscounts", [], block)],
    ["paused", state.paused, await exchange.read("paused", [], block)],
    ["issuing exchange", domain.fields.verifyingContract, await credit.read("exchange", [], block)],
    ["issuing desk", deskAddress === ZeroAddress ? "none" : deskAddress, await credit.read("desk", [], block)],
  ]);
}

async function readDesk({ state, findings, rpc, block }: Reader, address: string): Promise<void> {
  const contract = connectContract({ rpc, abi: DESK_ABI, address });
  const { desk, supply } = state;
  const { last, amount } = await contract.read("queue", [], block);
  compare(findings, {}, "desk", [
    ["funds", desk.funds, await contract.read("funds", [], block)],
    ["owed", desk.owed, await contract.read("owed", [], block)],
    ["setAside", desk.setAside, await contract.read("setAside", [], block)],
    ["redeemPrice", desk.redeemPrice, await contract.read("redeemPrice", [], block)],
    ["sellPrice", desk.sellPrice, await contract.read("sellPrice", [], block)],
    ["creditLine", desk.creditLine, await contract.read("creditLine", [], block)],
    ["backing", backing(desk), await contract.read("backing", [], block)],
    ["headroomTicks", headroomTicks(desk, supply), await contract.read("headroomTicks", [], block)],
    ["newest redemption", desk.last, last],
    ["queued credits", queuedAmount(desk), amount],
  ]);
  const waiting = [...desk.redemptions];
  const found = await rpc.all(waiting.map(([id]) => contract.request("redemption", [id], block)));
  for (const [index, [id, entry]] of waiting.entries()) {
    findings.expect(
      "chain",
      { account: entry.seller },
      `redemption ${String(id)}`,
      record(entry),
      record(found[index] ?? {}),
    );
  }
}

/** What a view gave, or undefined where the contract refuses: the ring holds another slot. */
function heldOf<T>(outcome: RpcOutcome<T> | undefined): T | undefined {
  if (outcome === undefined || outcome.ok) return outcome?.value;
  if (outcome.error.revert === undefined) throw outcome.error;
  return undefined;
}

type Value = string | number | bigint | boolean;

function compare(
  findings: Findings,
  place: Place,
  what: string,
  fields: readonly (readonly [string, Value, Value])[],
): void {
  for (const [field, expected, found] of fields) findings.expect("chain", place, `${what} ${field}`, expected, found);
}

function record(fields: object): string {
  const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
