/** Where Hardhat's node listens unless it is told otherwise, and so the network `localhost` of the configuration. */
const USUAL_PORT = 8545;

/** What goes before a command for the local network, whose node may listen elsewhere. */
export function localPrefix(port: number): string {
  return port === USUAL_PORT ? "" : `JOULEWORK_LOCAL_PORT=${String(port)} `;
}
