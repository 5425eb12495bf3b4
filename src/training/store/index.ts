export { contentAddress } from "./contentAddress.ts";
export { directoryStore, type DirectoryStoreParameters } from "./directoryStore.ts";
export { httpStore, type HttpStoreParameters } from "./httpStore.ts";
export { openUpdateStore } from "./openUpdateStore.ts";
export type { UpdateStore } from "./types.ts";
