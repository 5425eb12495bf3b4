import { marketScenes } from "./market.ts";
import { moneyScenes } from "./money.ts";
import { registryScenes } from "./registry.ts";
import type { Scene } from "./scene.ts";

/** Every scripted sequence. */
export const SCENES: readonly Scene[] = [...marketScenes, ...moneyScenes, ...registryScenes];
