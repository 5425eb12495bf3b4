import { ArgumentType } from "hardhat/types/arguments";

/** Every task that works on a deployment takes this option. */
export const DEPLOYMENT = {
  name: "deployment",
  description: "Recorded deployment (default: the network's name)",
  type: ArgumentType.STRING,
  defaultValue: "",
} as const;

/** An option of text that may be left out. */
export function textOption<Name extends string>(name: Name, description: string, defaultValue = "") {
  return { name, description, type: ArgumentType.STRING, defaultValue } as const;
}

/** An option of a whole number; the default stands where it is left out. */
export function wholeOption<Name extends string>(name: Name, description: string, defaultValue: number) {
  return { name, description, type: ArgumentType.INT, defaultValue } as const;
}

export const ZONE = { name: "zone", description: "Zone number", type: ArgumentType.INT } as const;
export const SLOT = { name: "slot", description: "Market slot: Unix time / 900", type: ArgumentType.INT } as const;

/** Which of the command line's accounts holds the credits. */
export const HOLDER = textOption("account", "Account that pays or redeems: treasury or owner", "treasury");
export const METER = { name: "meter", description: "Address of the meter", type: ArgumentType.STRING } as const;
export const SITE = { name: "site", description: "Site number", type: ArgumentType.INT } as const;
/** A proposal's number is beyond what a whole-number argument holds. */
export const PROPOSAL = { name: "proposal", description: "Proposal's number", type: ArgumentType.STRING } as const;
/** Who sends the transaction: the name of one of the deployment's accounts. */
export const AS_OWNER = textOption("as", "Account that sends it, by name", "owner");
/** The same for who provides compute, and for who leases it. */
export const AS_PROVIDER = textOption("as", "Account that sends it, by name", "provider");
export const AS_REQUESTER = textOption("as", "Account that sends it, by name", "requester");
export const LEASE = { name: "lease", description: "Lease number", type: ArgumentType.INT } as const;
