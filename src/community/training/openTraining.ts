import { join } from "node:path";
import { addLoad } from "../../meters/profiles/addLoad.ts";
import type { EnergyProfile } from "../../meters/profiles/energyProfile.ts";
import { readDefaultCorpus } from "../../training/corpus.ts";
import type { Member } from "../members.ts";
import type { CommunitySpec } from "../types.ts";
import { chooseProviders } from "./chooseProviders.ts";
import { playTraining, type PlayedTraining, type PlayTrainingInput } from "./playTraining.ts";

export interface OpenTrainingInput extends Omit<PlayTrainingInput, "providers" | "corpus" | "load"> {
  readonly members: readonly Member[];
  readonly community: CommunitySpec;
  /** Energy from `profiledFrom` on; training adds to it. */
  readonly profiles: ReadonlyMap<string, EnergyProfile>;
  readonly profiledFrom: number;
}

/**
 * The training job of a community's day, on the project's own text. Undefined where too few sites take energy to work for
 * it.
 */
export async function openTraining(input: OpenTrainingInput): Promise<PlayedTraining | undefined> {
  const { members, community, profiles, profiledFrom, folder } = input;
  const providers = chooseProviders(members);
  if (providers === undefined) return undefined;
  const { bytes } = await readDefaultCorpus();
  const names = new Map(members.map(({ key, name }) => [key.address, name]));
  return playTraining({
    ...input,
    folder: join(folder, "training"),
    providers,
    corpus: bytes,
    load(meter, slot, energyWh) {
      const name = names.get(meter);
      const index = slot - profiledFrom;
      const slots = name === undefined ? 0 : (profiles.get(name)?.importWh.length ?? 0);
      if (name !== undefined && index < slots) addLoad({ community, profiles, meter: name, index, energyWh });
    },
  });
}
