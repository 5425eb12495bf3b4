import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** Names of the deployment's contracts by address in lower case. */
export const KnownContracts = createContext<ReadonlyMap<string, string>>(new Map());

export function useKnownContracts(): ReadonlyMap<string, string> {
  return useContext(KnownContracts);
}
