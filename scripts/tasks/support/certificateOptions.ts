import { ArgumentType } from "hardhat/types/arguments";

// The configuration reads these before any contract is compiled, so nothing here may import the contracts' types.

export const CERTIFICATE = {
  name: "certificate",
  description: "Token id of certificates, as the list prints it",
  type: ArgumentType.STRING,
} as const;
export const AMOUNT_WH = { name: "amount", description: "Watt-hours", type: ArgumentType.INT } as const;
export const POLICY = {
  name: "policy",
  description: "How near production must be to the consumption: slot, hour or neighbour",
  type: ArgumentType.STRING,
  defaultValue: "hour",
} as const;
