import { shortHex } from "../format/names.ts";
import { slotSpan } from "../format/time.ts";
import { useKnownContracts } from "./known.ts";

/** What an address is, which decides the page that it leads to. */
export type AddressKind = "account" | "meter" | "contract";

interface AddressLinkProps {
  readonly address: string;
  readonly kind?: AddressKind;
  /** A name that the answer gives; else that of the deployment is shown, else the address. */
  readonly name?: string | null;
  /** Shows the whole address where it has no name. */
  readonly whole?: boolean;
}

export function AddressLink({ address, kind = "account", name, whole = false }: AddressLinkProps) {
  const known = useKnownContracts().get(address.toLowerCase());
  const label = name ?? known;
  const page = known === undefined ? kind : "contract";
  return (
    <a
      href={`/${page}/${address}`}
      class={label === undefined ? (whole ? "hex break" : "hex") : undefined}
      title={address}
    >
      {label ?? (whole ? address : shortHex(address))}
    </a>
  );
}

export function TransactionLink({ hash }: { readonly hash: string }) {
  return (
    <a href={`/tx/${hash}`} class="hex" title={hash}>
      {shortHex(hash)}
    </a>
  );
}

export function BlockLink({ block }: { readonly block: number }) {
  return (
    <a href={`/block/${String(block)}`} class="number">
      {block}
    </a>
  );
}

export function SlotLink({ zone, slot }: { readonly zone: number; readonly slot: number }) {
  return (
    <a href={`/slot/${String(zone)}/${String(slot)}`} class="number" title={`${slotSpan(slot)} UTC`}>
      {slot}
    </a>
  );
}

/** A path that the server gave: followed only within the page. */
export function PageLink({ page, children }: { readonly page: string; readonly children: string }) {
  return /^\/(?!\/)/.test(page) ? <a href={page}>{children}</a> : <>{children}</>;
}
