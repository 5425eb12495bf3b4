import { loadKernels } from "../../src/training/kernelModule.ts";
import type { ReproducibleOffer } from "../../src/training/reproducible/jobs/postReproducible.ts";
import type { ReproducibleSpec } from "../../src/training/reproducible/jobs/reproducibleSpec.ts";
import { contentAddress } from "../../src/training/store/contentAddress.ts";
import { exampleText } from "../training/goldenRun.ts";

export const CORPUS = exampleText(10);
export const WINDOW = 1_800;
export const CLOCK = 1_800;

/** Three rounds of six steps of a model that trains in no time. */
export const OFFER: ReproducibleOffer = {
  stride: 3,
  checkpoints: 2,
  rounds: 3,
  payTicks: 1_000n,
  bondTicks: 5_000n,
  challengeBondTicks: 301n,
  roundSeconds: 36_000,
  windowSeconds: WINDOW,
  clockSeconds: CLOCK,
  extensionSeconds: 60,
};

export async function smallSpec(changed: Partial<ReproducibleSpec> = {}): Promise<ReproducibleSpec> {
  return {
    format: "joulework-reproducible-1",
    kernels: (await loadKernels()).hash,
    corpus: contentAddress(CORPUS),
    model: { layers: 1, width: 8, heads: 2, context: 6 },
    seed: 3,
    batch: 2,
    optimizer: { kind: "adam", learningRate: 0.01 },
    ...changed,
  };
}
