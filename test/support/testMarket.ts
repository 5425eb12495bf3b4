import { hexlify, keccak256, toUtf8Bytes } from "ethers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";
import JouleworkLocal from "../../modules/JouleworkLocal.ts";
import { buildBook, encodeBook, bookHash as hashBook, type Book, type PlacedOrder } from "../../src/market/book.ts";
import {
  CLEARING_RULE_CODES,
  ENERGY_SOURCE_CODES,
  METER_KIND_CODES,
  type EnergySourceName,
  type RegisteredKind,
} from "../../src/market/codes.ts";
import type { ClearingRule } from "../../src/market/clearing.ts";
import { marketDomain, type MarketDomain, type Order } from "../../src/market/messages.ts";
import { decodeMeterWord, type MeterWord } from "../../src/market/meterWord.ts";
import { encodeReadings } from "../../src/market/readings.ts";
import { signConsent, signDelegatedOrder, signOrder, signReading, type SignedOrder } from "../../src/market/sign.ts";
import { signingKey, type SigningKey } from "../../src/market/signer.ts";
import { SLOT_SECONDS, ticksToBaseUnits } from "../../src/units.ts";
import type {
  AccessManager,
  CreditDesk,
  EnergyCredit,
  EnergyCertificates,
  EnergyExchange,
  GridGovernor,
  Badges,
  CertificateMarket,
  ComputeMarket,
  EnergyQueue,
  HandOver,
  Inspections,
  Providers,
  ReproducibleJobs,
  Reputation,
  Seasons,
  TestPaymentToken,
  TimelockController,
  TrainingJobs,
} from "../../typechain-types/index.ts";

/** Terms of the test zones: retail 0.30, feed-in 0.10 credits a kWh, fee 1 %, network 0.05 (local 0.02), levy 0.01. */
export const TERMS = {
  fromSlot: 0,
  importPrice: 300_000,
  exportPrice: 100_000,
  feePpm: 10_000,
  networkLocalPrice: 20_000,
  networkGridPrice: 50_000,
  levyPrice: 10_000,
  slopePpm: 0,
  rule: 0,
};
export const LIMITS = {
  floorPrice: 50_000,
  capPrice: 600_000,
  exportCapPrice: 200_000,
  lossPpm: 60_000,
  toleranceWh: 20,
};
/** Slot in which every test starts: 2025-06-21 00:00 UTC. */
export const FIRST_SLOT = 1_944_960;

export interface TestMeter {
  readonly key: SigningKey;
  readonly address: string;
  readonly site: number;
  readonly owner: HardhatEthersSigner;
  readonly zone: number;
}

export interface MeterOptions {
  readonly kind?: RegisteredKind;
  readonly source?: EnergySourceName;
  readonly powerClass?: number;
  readonly storageCapacityWh?: number;
  readonly bestEfficiencyPpm?: number;
  readonly importWh?: number;
  readonly exportWh?: number;
  /** An existing site; a new one is registered if left out. */
  readonly site?: number;
  readonly owner?: HardhatEthersSigner;
  readonly zone?: number;
  /** Prepaid balance in ticks. */
  readonly balanceTicks?: bigint;
  /** Post the bond that the site needs (default for kinds that export). */
  readonly bonded?: boolean;
}

/** A deployed system on an in-process chain with one zone, and short ways to do what tests do all the time. */
export class TestMarket {
  readonly connection: NetworkConnection;
  readonly exchange: EnergyExchange;
  readonly credit: EnergyCredit;
  readonly desk: CreditDesk;
  readonly token: TestPaymentToken;
  readonly manager: AccessManager;
  readonly reputation: Reputation;
  readonly timelock: TimelockController;
  readonly gridGovernor: GridGovernor;
  readonly handOver: HandOver;
  readonly seasons: Seasons;
  readonly badges: Badges;
  readonly inspections: Inspections;
  readonly providers: Providers;
  readonly energyQueue: EnergyQueue;
  readonly computeMarket: ComputeMarket;
  readonly trainingJobs: TrainingJobs;
  readonly reproducibleJobs: ReproducibleJobs;
  readonly certificates: EnergyCertificates;
  readonly certificateMarket: CertificateMarket;
  readonly domain: MarketDomain;
  readonly signers: HardhatEthersSigner[];
  readonly governor: HardhatEthersSigner;
  readonly registrar: HardhatEthersSigner;
  readonly grid: HardhatEthersSigner;
  readonly guardian: HardhatEthersSigner;
  readonly inspector: HardhatEthersSigner;
  readonly matcher: HardhatEthersSigner;
  readonly worker: HardhatEthersSigner;
  readonly matcherKey: SigningKey;
  #keys = 0;

  constructor(parts: {
    connection: NetworkConnection;
    exchange: EnergyExchange;
    credit: EnergyCredit;
    desk: CreditDesk;
    token: TestPaymentToken;
    manager: AccessManager;
    reputation: Reputation;
    timelock: TimelockController;
    gridGovernor: GridGovernor;
    handOver: HandOver;
    seasons: Seasons;
    badges: Badges;
    inspections: Inspections;
    providers: Providers;
    energyQueue: EnergyQueue;
    computeMarket: ComputeMarket;
    trainingJobs: TrainingJobs;
    reproducibleJobs: ReproducibleJobs;
    certificates: EnergyCertificates;
    certificateMarket: CertificateMarket;
    domain: MarketDomain;
    signers: HardhatEthersSigner[];
    matcher: HardhatEthersSigner;
    matcherKey: SigningKey;
  }) {
    this.connection = parts.connection;
    this.exchange = parts.exchange;
    this.credit = parts.credit;
    this.desk = parts.desk;
    this.token = parts.token;
    this.manager = parts.manager;
    this.reputation = parts.reputation;
    this.timelock = parts.timelock;
    this.gridGovernor = parts.gridGovernor;
    this.handOver = parts.handOver;
    this.seasons = parts.seasons;
    this.badges = parts.badges;
    this.inspections = parts.inspections;
    this.providers = parts.providers;
    this.energyQueue = parts.energyQueue;
    this.computeMarket = parts.computeMarket;
    this.trainingJobs = parts.trainingJobs;
    this.reproducibleJobs = parts.reproducibleJobs;
    this.certificates = parts.certificates;
    this.certificateMarket = parts.certificateMarket;
    this.domain = parts.domain;
    this.signers = parts.signers;
    this.governor = signer(parts.signers, 1);
    this.registrar = signer(parts.signers, 2);
    this.grid = signer(parts.signers, 3);
    this.guardian = signer(parts.signers, 4);
    this.inspector = signer(parts.signers, 5);
    this.worker = signer(parts.signers, 6);
    this.matcher = parts.matcher;
    this.matcherKey = parts.matcherKey;
  }

  /** The next block's time: `seconds` after the start of `slot`. */
  async at(slot: number, seconds = 0): Promise<void> {
    await this.connection.networkHelpers.time.setNextBlockTimestamp(slot * SLOT_SECONDS + seconds);
  }

  /** Mine a block `seconds` after the start of `slot`. */
  async mineAt(slot: number, seconds = 0): Promise<void> {
    await this.connection.networkHelpers.time.increaseTo(slot * SLOT_SECONDS + seconds);
  }

  /** A fresh key, the same in every run. */
  newKey(): SigningKey {
    return signingKey(keccak256(toUtf8Bytes(`test key ${String(this.#keys++)}`)));
  }

  /** Credits for `account`, bought at the desk. */
  async fund(account: HardhatEthersSigner, ticks: bigint): Promise<void> {
    const amount = ticksToBaseUnits(ticks);
    const payment = (amount * 300_000n) / 10n ** 18n + 1n;
    await this.token.mint(account.address, payment);
    await this.token.connect(account).approve(this.desk, payment);
    await this.desk.connect(account).buy(account.address, amount, payment);
    await this.credit.connect(account).approve(this.exchange, 2n ** 256n - 1n);
  }

  async addSite(owner: HardhatEthersSigner, ownerKey: SigningKey | undefined, zone = 1): Promise<number> {
    const site = Number(
      await this.exchange
        .connect(this.registrar)
        .registerSite.staticCall(zone, owner.address, "0x")
        .catch(() => this.#nextSite()),
    );
    const signature = ownerKey
      ? signConsent(this.domain, ownerKey, "SiteConsent", { site, owner: owner.address, zone })
      : await this.consent(owner, "SiteConsent", { site, owner: owner.address, zone });
    await this.exchange.connect(this.registrar).registerSite(zone, owner.address, signature);
    return site;
  }

  /** An owner's EIP-712 signature through the wallet interface, independent of the library's own hashing. */
  async consent(owner: HardhatEthersSigner, name: string, value: Record<string, unknown>): Promise<string> {
    const { MESSAGE_TYPES } = await import("../../src/market/messages.ts");
    const types = { [name]: [...MESSAGE_TYPES[name as keyof typeof MESSAGE_TYPES]] };
    return owner.signTypedData(this.domain.fields, types, value);
  }

  /** Register a meter, with its site if none is given, prepay it and post the bond it needs. */
  async addMeter(options: MeterOptions = {}): Promise<TestMeter> {
    const zone = options.zone ?? 1;
    const owner = options.owner ?? signer(this.signers, 10);
    const key = this.newKey();
    const kind = options.kind ?? "prosumer";
    const site = options.site ?? (await this.addSite(owner, undefined, zone));
    const registration = {
      site,
      meter: key.address,
      kind: METER_KIND_CODES[kind],
      source: ENERGY_SOURCE_CODES[options.source ?? "none"],
      powerClass: options.powerClass ?? 0x34,
      storageCapacityWh: options.storageCapacityWh ?? 0,
      bestEfficiencyPpm: options.bestEfficiencyPpm ?? 0,
      importWh: options.importWh ?? 0,
      exportWh: options.exportWh ?? 0,
    };
    const ownerSignature = await this.consent(owner, "MeterConsent", registration);
    const deviceSignature = signConsent(this.domain, key, "MeterConsent", registration);
    await this.exchange.connect(this.registrar).registerMeter(registration, ownerSignature, deviceSignature);
    const balance = options.balanceTicks ?? 1_000_000_000_000n;
    if (balance > 0n) {
      await this.fund(owner, balance);
      await this.exchange.connect(owner).deposit(key.address, balance);
    }
    const exporting = kind === "prosumer" || kind === "producer" || kind === "storage";
    if (options.bonded ?? exporting) {
      const bond = await this.exchange.requiredBond(site);
      await this.fund(owner, bond);
      await this.exchange.connect(owner).postBond(site, bond);
    }
    return { key, address: key.address, site, owner, zone };
  }

  async word(meter: TestMeter | string): Promise<MeterWord> {
    return decodeMeterWord(await this.exchange.meterWord(typeof meter === "string" ? meter : meter.address));
  }

  order(meter: TestMeter, slot: number, side: Order["side"], energyWh: number, limitPrice: number): SignedOrder {
    return signOrder(this.domain, meter.key, { zone: meter.zone, slot, side, energyWh, limitPrice });
  }

  /** The same order signed by a delegate instead of the device key. */
  delegatedOrder(delegate: SigningKey, order: SignedOrder): SignedOrder {
    return signDelegatedOrder(this.domain, delegate, order.meter, order);
  }

  /** The batch of readings of `slot`: registers at its end. */
  readings(slot: number, registers: { meter: TestMeter; importWh: number; exportWh: number }[], zone = 1): string {
    return encodeReadings(
      registers.map(({ meter, importWh, exportWh }) => {
        const { signature } = signReading(this.domain, meter.key, { zone, slot, importWh, exportWh });
        return { importWh, exportWh, signature };
      }),
    );
  }

  /** Settle `slot` by what has flowed since each meter's last reading. */
  async settleFlows(slot: number, flows: { meter: TestMeter; importWh?: number; exportWh?: number }[], zone = 1) {
    const registers = await Promise.all(
      flows.map(async ({ meter, importWh = 0, exportWh = 0 }) => {
        const word = await this.word(meter);
        return { meter, importWh: word.importWh + importWh, exportWh: word.exportWh + exportWh };
      }),
    );
    return this.exchange.connect(this.worker).settle(zone, slot, this.readings(slot, registers, zone));
  }

  book(slot: number, orders: readonly SignedOrder[], placed: readonly PlacedOrder[] = [], zone = 1): Book {
    return buildBook({ domain: this.domain, zone, slot, orders, placed });
  }

  /** Commit and clear a book in the matcher's windows of its slot. */
  async clear(slot: number, orders: readonly SignedOrder[], placed: readonly PlacedOrder[] = [], zone = 1) {
    const book = this.book(slot, orders, placed, zone);
    if (orders.length > 0) {
      await this.at(slot, -590);
      await this.exchange.connect(this.matcher).commitBook(zone, slot, book.hash, orders.length);
    }
    const { bidEntries, offerEntries } = encodeBook(book);
    await this.at(slot, -450);
    return this.exchange.connect(this.matcher).clear(zone, slot, bidEntries, offerEntries);
  }

  async #nextSite(): Promise<number> {
    let site = 1;
    while ((await this.exchange.siteInfo(site)).owner !== `0x${"0".repeat(40)}`) ++site;
    return site;
  }
}

export interface TestMarketOptions {
  readonly rule?: ClearingRule;
  /** Slope of the zone's tariff; 0, a constant one, if left out. */
  readonly slopePpm?: number;
  readonly creditLineTicks?: bigint;
  readonly feeder?: boolean;
  /** Other parameters of the module. */
  readonly parameters?: Readonly<Record<string, number | bigint>>;
}

/** Deploy with the production module, create zone 1 and its bonded matcher, and stand at the start of FIRST_SLOT. */
export async function deployTestMarket(
  connection: NetworkConnection,
  options: TestMarketOptions = {},
): Promise<TestMarket> {
  const { ethers, ignition, networkHelpers } = connection;
  await networkHelpers.time.increaseTo((FIRST_SLOT - 20) * SLOT_SECONDS);
  const deployed = await ignition.deploy(JouleworkLocal, {
    parameters: { JouleworkLocal: { governorDelay: 0, ...options.parameters } },
  });
  const signers = await ethers.getSigners();
  const address = async (name: keyof typeof deployed) => deployed[name].getAddress();
  const matcher = signer(signers, 7);
  // Hardhat's default accounts come from its public test mnemonic.
  const wallet = ethers.HDNodeWallet.fromPhrase(
    "test test test test test test test test test test test junk",
    undefined,
    "m/44'/60'/0'/0/7",
  );
  const exchange = await ethers.getContractAt("EnergyExchange", await address("energyExchange"));
  const market = new TestMarket({
    connection,
    exchange: exchange,
    credit: await ethers.getContractAt("EnergyCredit", await address("energyCredit")),
    desk: await ethers.getContractAt("CreditDesk", await address("creditDesk")),
    token: await ethers.getContractAt("TestPaymentToken", await address("testPaymentToken")),
    manager: await ethers.getContractAt("AccessManager", await address("accessManager")),
    reputation: await ethers.getContractAt("Reputation", await address("reputation")),
    timelock: await ethers.getContractAt("TimelockController", await address("timelockController")),
    gridGovernor: await ethers.getContractAt("GridGovernor", await address("gridGovernor")),
    handOver: await ethers.getContractAt("HandOver", await address("handOver")),
    seasons: await ethers.getContractAt("Seasons", await address("seasons")),
    badges: await ethers.getContractAt("Badges", await address("badges")),
    inspections: await ethers.getContractAt("Inspections", await address("inspections")),
    providers: await ethers.getContractAt("Providers", await address("providers")),
    energyQueue: await ethers.getContractAt("EnergyQueue", await address("energyQueue")),
    computeMarket: await ethers.getContractAt("ComputeMarket", await address("computeMarket")),
    trainingJobs: await ethers.getContractAt("TrainingJobs", await address("trainingJobs")),
    reproducibleJobs: await ethers.getContractAt("ReproducibleJobs", await address("reproducibleJobs")),
    certificates: await ethers.getContractAt("EnergyCertificates", await address("energyCertificates")),
    certificateMarket: await ethers.getContractAt("CertificateMarket", await address("certificateMarket")),
    domain: marketDomain(Number((await ethers.provider.getNetwork()).chainId), await address("energyExchange")),
    signers,
    matcher,
    matcherKey: signingKey(wallet.privateKey),
  });
  await market.desk.connect(market.grid).setCreditLine(ticksToBaseUnits(options.creditLineTicks ?? 10n ** 15n));
  await market.exchange.connect(market.registrar).createZone(
    1,
    LIMITS,
    { ...TERMS, slopePpm: options.slopePpm ?? 0, rule: CLEARING_RULE_CODES[options.rule ?? "midpoint"] },
    {
      network: signer(signers, 15).address,
      levy: signer(signers, 16).address,
      fee: signer(signers, 17).address,
      season: signer(signers, 18).address,
    },
  );
  await market.exchange.connect(market.governor).setMatcher(1, matcher.address, FIRST_SLOT - 8);
  await market.fund(matcher, 1_000_000_000_000n);
  await market.exchange.connect(matcher).postMatcherBond(matcher.address, 500_000_000_000n);
  await market.mineAt(FIRST_SLOT);
  return market;
}

export { hashBook, hexlify };

function signer(signers: readonly HardhatEthersSigner[], index: number): HardhatEthersSigner {
  const found = signers[index];
  if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
  return found;
}
