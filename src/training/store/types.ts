/** Keeps bytes under the hash of their content: updates, states, slices of validation text. */
export interface UpdateStore {
  /** Returns the content address. Storing the same bytes again changes nothing. */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes, whose hash was checked. Throws STORE_MISSING if there are none. */
  get(hash: string): Promise<Uint8Array>;
  has(hash: string): Promise<boolean>;
}
