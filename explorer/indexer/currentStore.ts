import type { Store } from "../store/store.ts";

/** A store that answers from whichever index is the current one, so that readers notice nothing of a restarted node. */
export function currentStore(current: () => Store): Store {
  return {
    get kind() {
      return current().kind;
    },
    head: () => current().head(),
    append: (batch) => current().append(batch),
    rewind: (blockNumber) => current().rewind(blockNumber),
    block: (id) => current().block(id),
    blocks: (page) => current().blocks(page),
    transaction: (hash) => current().transaction(hash),
    transactionsOfBlock: (blockNumber, page) => current().transactionsOfBlock(blockNumber, page),
    transactionsOf: (address, page) => current().transactionsOf(address, page),
    transactionBySenderAndNonce: (sender, nonce) => current().transactionBySenderAndNonce(sender, nonce),
    creationOf: (address) => current().creationOf(address),
    events: (filter, page) => current().events(filter, page),
    eventsOfTransaction: (hash) => current().eventsOfTransaction(hash),
    countEvents: (filter) => current().countEvents(filter),
    subjects: (page) => current().subjects(page),
    select: (sql) => current().select(sql),
    close: () => current().close(),
  };
}
