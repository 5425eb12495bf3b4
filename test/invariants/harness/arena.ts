import { HDNodeWallet, type Interface, type LogDescription } from "ethers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";
import { signingKey, type SigningKey } from "../../../src/market/signer.ts";
import {
  deployTestMarket,
  FIRST_SLOT,
  LIMITS,
  TERMS,
  type TestMarket,
  type TestMeter,
} from "../../support/testMarket.ts";
import { must, SLOT, type Kind, type Meter, type World, type Zone } from "../ghost/world.ts";

/** The slot in which every sequence starts. */
export const START = FIRST_SLOT + 10;
/** Of zones 1 and 2: a constant tariff and a steep one. */
const SLOPES = [0n, 800_000n] as const;
const PREPAID = 10_000_000_000_000n;
const MNEMONIC = "test test test test test test test test test test test junk";

/** Two zones with their matchers, owners, strangers and meters on one chain, and raw ways to send and to ask. */
export interface Arena {
  connection: NetworkConnection;
  market: TestMarket;
  exchange: string;
  token: string;
  desk: string;
  matchers: string[];
  accounts: string[];
  owners: string[];
  stranger: string;
  /** Signing keys of owners and matchers by address. */
  wallets: Map<string, SigningKey>;
  meterKeys: Map<string, SigningKey>;
  world: World;
  call: (to: string, data: string) => Promise<string>;
  send: (from: string, to: string, data: string) => Promise<Outcome>;
}

export interface Outcome {
  /** Name of the error, null if the call went through. */
  error: string | null;
  logs: { address: string; event: LogDescription | null; topics: string[] }[];
}

/** Deploy everything that a sequence needs. */
export async function buildArena(connection: NetworkConnection): Promise<Arena> {
  const market = await deployTestMarket(connection);
  const { signers, exchange } = market;
  const account = (index: number): HardhatEthersSigner => must(signers[index]);
  const secondMatcher = account(8);
  const accounts = { network: account(15), levy: account(16), fee: account(17), season: account(18) };
  await exchange.connect(market.registrar).createZone(
    2,
    LIMITS,
    { ...TERMS, slopePpm: Number(SLOPES[1]), rule: 1 },
    {
      network: accounts.network.address,
      levy: accounts.levy.address,
      fee: accounts.fee.address,
      season: accounts.season.address,
    },
  );
  await exchange.connect(market.governor).setMatcher(2, secondMatcher.address, FIRST_SLOT + 9);
  await market.fund(secondMatcher, 1_000_000_000_000n);
  await exchange.connect(secondMatcher).postMatcherBond(secondMatcher.address, 500_000_000_000n);
  await market.mineAt(START);

  const owners = [10, 11, 12, 13, 14].map((index) => account(index));
  const add = (zone: number, owner: number, kind: Kind, balanceTicks: bigint, more: object = {}): Promise<TestMeter> =>
    market.addMeter({ zone, owner: must(owners[owner]), kind, balanceTicks, ...more });
  const meters: TestMeter[] = [];
  meters.push(await add(1, 0, "prosumer", 5_000_000_000n));
  meters.push(await add(1, 1, "consumer", 100_000_000_000n));
  const producer = await add(1, 2, "producer", 50_000_000n, { source: "solar" });
  meters.push(producer, await add(1, 2, "consumer", 20_000_000_000n, { site: producer.site }));
  meters.push(await add(1, 3, "consumer", 600_000_000n));
  meters.push(await add(1, 4, "prosumer", 3_000_000_000n, { bonded: false }));
  meters.push(await add(1, 4, "feeder", 0n));
  meters.push(await add(2, 0, "producer", 1_000_000_000n, { source: "wind" }));
  meters.push(await add(2, 1, "consumer", 100_000_000_000n));
  meters.push(await add(2, 2, "storage", 8_000_000_000n, { storageCapacityWh: 4000, bestEfficiencyPpm: 900_000 }));
  meters.push(await add(2, 4, "feeder", 0n));
  for (const holder of [...owners, market.worker, account(9), market.matcher, secondMatcher]) {
    await market.fund(holder, PREPAID);
  }

  const addresses = {
    exchange: await exchange.getAddress(),
    token: await market.credit.getAddress(),
    desk: await market.desk.getAddress(),
  };
  const wallets = new Map(
    [7, 8, 10, 11, 12, 13, 14].map((index): [string, SigningKey] => {
      const wallet = HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/${index}`);
      return [wallet.address, signingKey(wallet.privateKey)];
    }),
  );
  const arena: Omit<Arena, "world"> = {
    connection,
    market,
    ...addresses,
    matchers: [market.matcher.address, secondMatcher.address],
    accounts: signers.slice(0, 20).map(({ address }) => address),
    owners: owners.map(({ address }) => address),
    stranger: account(9).address,
    wallets,
    meterKeys: new Map(meters.map((meter) => [meter.address, meter.key])),
    call: async (to, data) =>
      String(await connection.provider.request({ method: "eth_call", params: [{ to, data }, "latest"] })),
    send: sender(connection, market, addresses),
  };
  return { ...arena, world: await firstWorld(arena, meters) };
}

function sender(
  connection: NetworkConnection,
  market: TestMarket,
  addresses: { exchange: string; token: string; desk: string },
): Arena["send"] {
  const interfaces: [string, Interface][] = [
    [addresses.exchange.toLowerCase(), market.exchange.interface],
    [addresses.token.toLowerCase(), market.credit.interface],
    [addresses.desk.toLowerCase(), market.desk.interface],
  ];
  const byAddress = new Map(interfaces);
  return async (from, to, data) => {
    let hash: unknown;
    try {
      const transaction = { from, to, data, gas: "0xf42400" };
      hash = await connection.provider.request({ method: "eth_sendTransaction", params: [transaction] });
    } catch (problem) {
      return {
        error: errorName(
          interfaces.map(([, abi]) => abi),
          problem,
        ),
        logs: [],
      };
    }
    const receipt = (await connection.provider.request({ method: "eth_getTransactionReceipt", params: [hash] })) as {
      logs: { address: string; topics: string[]; data: string }[];
    };
    const logs = receipt.logs.map((log) => ({
      address: log.address,
      topics: log.topics,
      event: byAddress.get(log.address.toLowerCase())?.parseLog(log) ?? null,
    }));
    return { error: null, logs };
  };
}

function errorName(interfaces: readonly Interface[], problem: unknown): string {
  const message = problem instanceof Error ? problem.message : String(problem);
  const data = findData(problem);
  for (const abi of interfaces) {
    const parsed = data === undefined ? null : abi.parseError(data);
    if (parsed) return parsed.name;
  }
  return /custom error '(\w+)/.exec(message)?.[1] ?? message;
}

function findData(problem: unknown): string | undefined {
  for (let at = problem, depth = 0; typeof at === "object" && at !== null && depth < 4; ++depth) {
    const data: unknown = "data" in at ? at.data : undefined;
    if (typeof data === "string" && data.length >= 10) return data;
    at = data ?? ("cause" in at ? at.cause : undefined);
  }
  return undefined;
}

/** The ghost of the deployed system, from what the set-up did. */
async function firstWorld(arena: Omit<Arena, "world">, meters: readonly TestMeter[]): Promise<World> {
  const { market } = arena;
  const world: World = {
    // The chain's clock runs along during the set-up; every sequence starts at the same moment after it.
    now: START * SLOT + 240,
    exchange: arena.exchange,
    paused: false,
    zones: new Map(),
    sites: new Map(),
    meters: new Map(),
    withdrawals: new Map(),
    withdrawalCount: 0,
    earned: new Map(arena.accounts.map((account) => [account, 0n])),
    matcherBonds: new Map(arena.matchers.map((matcher) => [matcher, { ticks: 500_000_000_000n, unlockSlot: 0 }])),
    penalised: new Set(),
    credits: new Map(),
    donated: 0n,
    fundsBacking: ((await market.desk.funds()) * 10n ** 18n) / 300_000n,
    creditLine: await market.desk.creditLine(),
    totals: { longTicks: new Map(), shortTicks: new Map(), writtenOffTicks: new Map() },
  };
  for (const holder of [...arena.accounts, arena.exchange]) {
    world.credits.set(holder, (await market.credit.balanceOf(holder)) / 1_000_000_000n);
  }
  for (const id of [1, 2]) {
    const info = await market.exchange.zoneInfo(id);
    world.zones.set(id, {
      id,
      rule: id === 1 ? "midpoint" : "sbba",
      matcher: must(arena.matchers[id - 1]),
      createdSlot: Number(info.createdSlot),
      closedThrough: Number(info.createdSlot) - 1,
      newestSlot: Number(info.createdSlot) - 1,
      prices: {
        importPrice: BigInt(TERMS.importPrice),
        exportPrice: BigInt(TERMS.exportPrice),
        feePpm: BigInt(TERMS.feePpm),
        networkLocalPrice: BigInt(TERMS.networkLocalPrice),
        networkGridPrice: BigInt(TERMS.networkGridPrice),
        levyPrice: BigInt(TERMS.levyPrice),
      },
      tariff: {
        through: Number(info.tariffThrough),
        reference: info.referencePrice,
        prices: new Map(),
        bases: [
          {
            fromSlot: 0,
            importPrice: BigInt(TERMS.importPrice),
            exportPrice: BigInt(TERMS.exportPrice),
            slopePpm: SLOPES[id - 1] ?? 0n,
          },
        ],
      },
      floorPrice: BigInt(LIMITS.floorPrice),
      capPrice: BigInt(LIMITS.capPrice),
      exportCapPrice: BigInt(LIMITS.exportCapPrice),
      lossPpm: BigInt(LIMITS.lossPpm),
      toleranceWh: BigInt(LIMITS.toleranceWh),
      accruals: { network: 0n, levy: 0n, fee: 0n, season: 0n },
      accounts: zoneAccounts(arena.accounts),
      feeder: null,
      ring: new Map(),
      touched: new Map(),
      flagged: new Set(),
      leftSlot: 0,
    });
  }
  for (const meter of meters) await addGhost(market, world, meter);
  return world;
}

function zoneAccounts(accounts: readonly string[]): Zone["accounts"] {
  return { network: must(accounts[15]), levy: must(accounts[16]), fee: must(accounts[17]), season: must(accounts[18]) };
}

async function addGhost(market: TestMarket, world: World, { address, site, owner, zone }: TestMeter): Promise<void> {
  const word = await market.word(address);
  const config = await market.exchange.meterConfig(address);
  const info = await market.exchange.siteInfo(site);
  const kinds: Kind[] = ["feeder", "consumer", "prosumer", "producer", "storage"];
  const meter: Meter = {
    address,
    site,
    zone,
    kind: must(kinds[Number(config.kind)]),
    // Power class 0x34: (16 + 4) * 2^3 * 16 Wh a slot.
    limitWh: 2560n,
    importWh: BigInt(word.importWh),
    exportWh: BigInt(word.exportWh),
    lastSlot: word.lastSlot,
    lanes: new Map(),
    balance: word.balanceTicks,
    suspended: false,
    indebted: false,
    bonded: word.flags.bonded,
    retired: false,
    claim: 0n,
    delegate: null,
    capacityWh: config.storageCapacityWh,
    allowanceWh: config.storageCapacityWh,
    efficiencyPpm: config.bestEfficiencyPpm,
    firstImportWh: config.firstImportWh,
    firstExportWh: config.firstExportWh,
  };
  world.meters.set(address, meter);
  if (meter.kind === "feeder") must(world.zones.get(zone)).feeder = address;
  world.sites.set(site, {
    id: site,
    owner: owner.address,
    zone,
    bond: info.bondTicks,
    debt: 0n,
    unbonding: 0n,
    unbondingSlot: 0,
    nonce: 0,
    faults: 0,
    meters: [...info.meters],
  });
}
