import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { encodeBytes32String, getAddress, keccak256, toUtf8Bytes } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import { packRebatePrices } from "../../src/game/seasonRewards.ts";
import { encodeMeterWord, type MeterWord } from "../../src/market/meterWord.ts";
import { leafHash, readingTree, type ReadingLeaf } from "../../src/market/readings.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { NO_METER } from "../../src/audit/state.ts";
import type {
  AccessManager,
  Badges,
  SeasonExchangeMock,
  Seasons,
  TestPaymentToken,
} from "../../typechain-types/index.ts";

/** First slot of season 1: Monday, 23 June 2025, 00:00 UTC. */
export const START = 1_945_152;
export const SEASON_SLOTS = 672;
export const CLAIM_SLOTS = 192;
export const GOAL = { points: 0, shedWh: 1, tier: 2, streak: 3 } as const;
/** Rebates of the test's seasons, ticks per Wh: nothing for tier 0, then more. */
export const REBATES = [0, 1_000, 2_000, 3_000, 6_000, 6_000, 6_000, 6_000];

export interface Flow {
  readonly slot: number;
  readonly importWh?: number;
  readonly exportWh?: number;
  readonly gap?: boolean;
}

/** A leaf with its proof, as the contract takes it. */
export interface Proven {
  readonly leaf: {
    readonly meter: string;
    readonly zone: number;
    readonly slot: number;
    readonly importWh: number;
    readonly exportWh: number;
    readonly flags: number;
  };
  readonly root: string;
  readonly proof: string[];
}

/** A meter of the world: what it is, and where its registers stand. */
export interface WorldMeter {
  readonly address: string;
  readonly zone: number;
  word: MeterWord;
}

/** Seasons on an exchange whose facts are set by hand. */
export class SeasonWorld {
  readonly connection: NetworkConnection;
  readonly exchange: SeasonExchangeMock;
  readonly credit: TestPaymentToken;
  readonly manager: AccessManager;
  readonly seasons: Seasons;
  readonly badges: Badges;
  readonly signers: readonly HardhatEthersSigner[];
  #meters = 0;

  constructor(parts: {
    connection: NetworkConnection;
    exchange: SeasonExchangeMock;
    credit: TestPaymentToken;
    manager: AccessManager;
    seasons: Seasons;
    badges: Badges;
    signers: readonly HardhatEthersSigner[];
  }) {
    this.connection = parts.connection;
    this.exchange = parts.exchange;
    this.credit = parts.credit;
    this.manager = parts.manager;
    this.seasons = parts.seasons;
    this.badges = parts.badges;
    this.signers = parts.signers;
  }

  signer(index: number): HardhatEthersSigner {
    const found = this.signers[index];
    if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
    return found;
  }

  /** Mine a block at the start of `slot`. */
  async mineAt(slot: number): Promise<void> {
    await this.connection.networkHelpers.time.increaseTo(slot * SLOT_SECONDS);
  }

  /** A meter whose newest reading is of `lastSlot`. */
  async addMeter(options: Partial<MeterWord> & { readonly feeder?: boolean } = {}): Promise<WorldMeter> {
    const { feeder = false, ...given } = options;
    const address = getAddress(keccak256(toUtf8Bytes(`season meter ${String(this.#meters++)}`)).slice(0, 42));
    const flags = { ...NO_METER.flags, feeder };
    const word: MeterWord = { ...NO_METER, zone: 1, powerClass: 0x34, lastSlot: START - 1, flags, ...given };
    const meter = { address, zone: word.zone, word };
    await this.store(meter);
    return meter;
  }

  async store(meter: WorldMeter): Promise<void> {
    await this.exchange.setWord(meter.address, encodeMeterWord(meter.word));
  }

  async setSite(site: number, owner: HardhatEthersSigner, meters: readonly WorldMeter[], zone = 1): Promise<void> {
    await this.exchange.setSite(
      site,
      owner.address,
      zone,
      meters.map(({ address }) => address),
    );
  }

  /** Settle readings of a meter: its registers rise, and each reading is a leaf of one batch. Returns them with proofs. */
  async settle(meter: WorldMeter, flows: readonly Flow[]): Promise<Proven[]> {
    const leaves = flows.map(({ slot, importWh = 0, exportWh = 0, gap = false }): ReadingLeaf => {
      const { word } = meter;
      meter.word = {
        ...word,
        importWh: word.importWh + importWh,
        exportWh: word.exportWh + exportWh,
        lastSlot: Math.max(word.lastSlot, slot),
      };
      return { meter: meter.address, zone: meter.zone, slot, importWh, exportWh, gap };
    });
    await this.store(meter);
    const tree = readingTree(leaves.map(leafHash));
    await this.exchange.setRoot(tree.root);
    return leaves.map(({ gap, ...leaf }, index) => ({
      leaf: { ...leaf, flags: gap ? 1 : 0 },
      root: tree.root,
      proof: tree.proof(index),
    }));
  }

  /** A meter that was read up to a slot, with nothing flowing. */
  async readThrough(meter: WorldMeter, slot: number): Promise<void> {
    meter.word = { ...meter.word, lastSlot: slot };
    await this.store(meter);
  }

  /** Gift base units of credits to the pool. */
  async fill(amount: bigint): Promise<void> {
    await this.credit.mint(await this.seasons.getAddress(), amount);
  }
}

/**
 * Seasons from `START`, of a week unless told, an empty pool, a zone that charges 0.03 credits a kWh; GRID is account 3,
 * GOVERNOR 1.
 */
export async function deploySeasonWorld(
  connection: NetworkConnection,
  { seasonSlots = SEASON_SLOTS, claimSlots = CLAIM_SLOTS } = {},
): Promise<SeasonWorld> {
  const { ethers, networkHelpers } = connection;
  await networkHelpers.time.increaseTo((START - 10) * SLOT_SECONDS);
  const signers = await ethers.getSigners();
  const [deployer, governor, , grid] = signers;
  if (deployer === undefined || governor === undefined || grid === undefined) throw new Error("accounts are missing");
  const exchange = await ethers.deployContract("SeasonExchangeMock");
  const credit = await ethers.deployContract("TestPaymentToken");
  const manager = await ethers.deployContract("AccessManager", [deployer.address]);
  const seasons = await ethers.deployContract("Seasons", [
    exchange,
    credit,
    exchange,
    manager,
    START,
    seasonSlots,
    claimSlots,
    packRebatePrices(REBATES),
  ]);
  const badges = await ethers.deployContract("Badges", [seasons, manager]);
  const selector = (name: "callEvent" | "setRebatePrices") => seasons.interface.getFunction(name).selector;
  const badgeSelector = (name: "addQuest" | "endQuest") => badges.interface.getFunction(name).selector;
  await manager.setTargetFunctionRole(seasons, [selector("callEvent")], 3);
  await manager.setTargetFunctionRole(seasons, [selector("setRebatePrices")], 1);
  await manager.setTargetFunctionRole(badges, [badgeSelector("addQuest"), badgeSelector("endQuest")], 1);
  await manager.grantRole(3, grid.address, 0);
  await manager.grantRole(1, governor.address, 0);
  await exchange.setCharges(1, 20_000, 10_000, 0, 0);
  return new SeasonWorld({ connection, exchange, credit, manager, seasons, badges, signers });
}

/** A quest's title as the contract keeps it. */
export function title(text: string): string {
  return encodeBytes32String(text);
}
