import hre from "hardhat";
import { deployReproducible, FIRST_STEP, PAY, STRIDE, CHECKPOINTS } from "../../test/reproducible/jobsWorld.ts";

/** A move as it was sent. */
export interface PlayedMove {
  readonly party: "provider" | "challenger";
  readonly verb: string;
  readonly gas: number;
  readonly bytes: number;
}

export interface PlayedDispute {
  readonly moves: readonly PlayedMove[];
  readonly operation: string;
  readonly winner: string;
  /** Ticks. */
  readonly terms: {
    readonly pay: bigint;
    readonly bond: bigint;
    readonly challengeBond: bigint;
    readonly clockSeconds: number;
    readonly extensionSeconds: number;
    readonly windowSeconds: number;
  };
  readonly gains: { readonly challenger: bigint; readonly requester: bigint; readonly seasonPool: bigint };
}

const PROVIDER_VERBS = ["reveal", "openStride", "openStep", "openTensor", "openReduction", "prove"];

/** One bit of an element of each operation in turn, and whoever repeated the round leads to it, on a chain in this process. */
export async function playDisputes(operations: readonly string[]): Promise<PlayedDispute[]> {
  const world = await deployReproducible(await hre.network.create());
  const honest = await world.honest();
  const played: PlayedDispute[] = [];
  for (const [place, name] of operations.entries()) {
    const operation = world.tape.primitives.findIndex((primitive) => primitive.name === name);
    const lying = await world.lying({ step: FIRST_STEP + 1, operation, element: 9, terms: 2 });
    const job = await world.claim(lying);
    const dispute = BigInt(place) + 1n;
    const held = async (account: number): Promise<bigint> => world.jobs.heldFor(world.signer(account).address);
    const before = [await held(3), await held(1), await world.poolTicks()] as const;
    await world.as(3).challenge(job, 0);
    const { receipts, view } = await world.play(dispute, lying, honest);
    const moves: PlayedMove[] = [];
    for (const { hash, gasUsed } of receipts) {
      const data = (await world.connection.ethers.provider.getTransaction(hash))?.data ?? "0x";
      const verb = world.jobs.interface.parseTransaction({ data })?.name ?? "unknown";
      const party = PROVIDER_VERBS.includes(verb) ? "provider" : "challenger";
      moves.push({ party, verb, gas: Number(gasUsed), bytes: (data.length - 2) / 2 });
    }
    const { terms } = world;
    played.push({
      moves,
      operation: name,
      winner: view.phase === "challengerWon" ? "challenger" : "provider",
      terms: {
        pay: PAY,
        bond: BigInt(terms.bondTicks),
        challengeBond: BigInt(terms.challengeBondTicks),
        clockSeconds: Number(terms.clockSeconds),
        extensionSeconds: Number(terms.extensionSeconds),
        windowSeconds: Number(terms.windowSeconds),
      },
      gains: {
        challenger: (await held(3)) - before[0],
        requester: (await held(1)) - before[1],
        seasonPool: (await world.poolTicks()) - before[2],
      },
    });
  }
  return played;
}

/** The shape of the job that is disputed. */
export const PLAYED_SHAPE = { firstStep: FIRST_STEP, stride: STRIDE, checkpoints: CHECKPOINTS };
