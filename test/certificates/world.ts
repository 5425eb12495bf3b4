import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";
import { encodeCertificateId } from "../../src/certificates/certificateId.ts";
import { leafHash, readingTree } from "../../src/market/readings.ts";
import type { EnergySourceName } from "../../src/market/codes.ts";
import type { EnergyCertificates } from "../../typechain-types/index.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../support/testMarket.ts";

export const S = FIRST_SLOT;
export const POLICY = { slot: 0, hour: 1, neighbour: 2 } as const;

export interface Flow {
  readonly importWh?: number;
  readonly exportWh?: number;
}

/** A proved reading, as the contracts take it. */
export interface Proved {
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

const NAMES = ["solar", "wind", "roof", "home", "battery"] as const;
type Name = (typeof NAMES)[number];

/** A zone of two producers, a home with a roof, one without and a battery, of five owners, and its feeder. */
export class CertificateWorld {
  readonly market: TestMarket;
  readonly certificates: EnergyCertificates;
  readonly meters: Readonly<Record<Name, TestMeter>>;
  readonly feeder: TestMeter;

  constructor(market: TestMarket, meters: Readonly<Record<Name, TestMeter>>, feeder: TestMeter) {
    this.market = market;
    this.certificates = market.certificates;
    this.meters = meters;
    this.feeder = feeder;
  }

  owner(name: Name): HardhatEthersSigner {
    return this.meters[name].owner;
  }

  as(name: Name): EnergyCertificates {
    return this.certificates.connect(this.owner(name));
  }

  id(slot: number, source: EnergySourceName = "solar", zone = 1): bigint {
    return encodeCertificateId({ zone, slot, source });
  }

  /** Read every meter for `slot`, the feeder by the sum of the others, and close it. */
  async settle(
    slot: number,
    flows: Partial<Record<Name, Flow>>,
    { close = true, feeder = true }: { readonly close?: boolean; readonly feeder?: boolean } = {},
  ): Promise<Record<Name, Proved>> {
    const leaves = NAMES.map((name) => {
      const { importWh = 0, exportWh = 0 } = flows[name] ?? {};
      return { meter: this.meters[name].address, zone: 1, slot, importWh, exportWh };
    });
    const net = leaves.reduce((sum, { importWh, exportWh }) => sum + importWh - exportWh, 0);
    const all = [
      ...leaves.map((leaf, index) => ({ ...leaf, meter: this.meters[NAMES[index] ?? "home"] })),
      ...(feeder ? [{ meter: this.feeder, importWh: Math.max(0, net), exportWh: Math.max(0, -net) }] : []),
    ];
    await this.market.mineAt(slot + 1, 1);
    await this.market.settleFlows(slot, all);
    if (close) await this.market.exchange.close(1, slot, []);
    const feederLeaf = {
      meter: this.feeder.address,
      zone: 1,
      slot,
      importWh: Math.max(0, net),
      exportWh: Math.max(0, -net),
    };
    const tree = readingTree(
      [...leaves, ...(feeder ? [feederLeaf] : [])].map((leaf) => leafHash({ ...leaf, gap: false })),
    );
    return Object.fromEntries(
      leaves.map((leaf, index) => [
        NAMES[index] ?? "",
        { leaf: { ...leaf, flags: 0 }, root: tree.root, proof: tree.proof(index) },
      ]),
    ) as Record<Name, Proved>;
  }

  async issue(name: Name, { leaf, root, proof }: Proved) {
    return this.as(name).issue(leaf, root, proof);
  }
}

export async function deployCertificateWorld(connection: NetworkConnection): Promise<CertificateWorld> {
  const market = await deployTestMarket(connection);
  const owner = (index: number) => market.signers[10 + index] ?? market.worker;
  const meters = {
    solar: await market.addMeter({ kind: "producer", source: "solar", owner: owner(0) }),
    wind: await market.addMeter({ kind: "producer", source: "wind", owner: owner(1) }),
    roof: await market.addMeter({ kind: "prosumer", owner: owner(2) }),
    home: await market.addMeter({ kind: "consumer", owner: owner(3) }),
    battery: await market.addMeter({
      kind: "storage",
      source: "storage",
      owner: owner(4),
      storageCapacityWh: 10_000,
      bestEfficiencyPpm: 900_000,
    }),
  };
  const feeder = await market.addMeter({ kind: "feeder", powerClass: 0x74, balanceTicks: 0n });
  return new CertificateWorld(market, meters, feeder);
}
