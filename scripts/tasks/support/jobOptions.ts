import { ArgumentType } from "hardhat/types/arguments";
import { textOption, wholeOption } from "./options.ts";

// Options that the tasks of training jobs share. The configuration reads them before any contract is compiled, so nothing here
// may import the contracts' types.

export const STORE = textOption("store", "Folder or http(s) address of updates, models and slices", "training-store");
export const ACCOUNT = wholeOption(
  "account",
  "Public test account of the local chain, instead of JOULEWORK_PROVIDER_KEY",
  -1,
);
export const POLL = wholeOption("poll", "Pause between looks at the chain, milliseconds", 2_000);
export const JOB = { name: "job", description: "Job number", type: ArgumentType.INT } as const;
export const ONCE = { name: "once", description: "Do what is due now, and end" } as const;
export const THREADS = wholeOption("threads", "Threads of the kernels", 1);
export const CORPUS = textOption("corpus", "The text, where the store does not have it");
