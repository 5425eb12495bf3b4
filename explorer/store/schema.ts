import { PLACES_PER_BLOCK } from "./place.ts";

/** Raise it with any change of the tables or of what the indexer writes: an older index is then left alone and made anew. */
export const INDEX_VERSION = 1;

/** What the two databases say differently. */
export interface Dialect {
  readonly integer: string;
  /** After a table that is kept in the order of its key. */
  readonly clustered: string;
  /** Text with JSON in it as JSON, for the views. */
  readonly json: (column: string) => string;
}

export const SQLITE: Dialect = { integer: "INTEGER", clustered: "WITHOUT ROWID, STRICT", json: (column) => column };
export const POSTGRES: Dialect = { integer: "BIGINT", clustered: "", json: (column) => `${column}::jsonb` };

/**
 * Rows point to each other by place (`place.ts`), and what they are about, addresses included, is kept once in `subject`.
 * The documented views are made on top (docs/explorer-sql.md).
 */
export function schema({ integer, clustered, json }: Dialect): string {
  const strict = clustered === "" ? "" : "STRICT";
  return `
CREATE TABLE chain (
  version ${integer} NOT NULL,
  chain_id ${integer} NOT NULL,
  genesis_hash TEXT NOT NULL,
  instance TEXT NOT NULL,
  deployment TEXT NOT NULL,
  opened ${integer} NOT NULL
) ${strict};
CREATE TABLE block (
  number ${integer} PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  parent_hash TEXT NOT NULL,
  time ${integer} NOT NULL,
  gas_used ${integer} NOT NULL,
  gas_limit ${integer} NOT NULL,
  transactions ${integer} NOT NULL
) ${strict};
CREATE TABLE subject (
  id ${integer} PRIMARY KEY,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (kind, value)
) ${strict};
CREATE TABLE tx (
  place ${integer} PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  sender ${integer} NOT NULL,
  recipient ${integer},
  nonce ${integer} NOT NULL,
  contract TEXT,
  method TEXT,
  succeeded ${integer} NOT NULL,
  gas_used ${integer} NOT NULL,
  created ${integer}
) ${strict};
CREATE INDEX tx_by_sender ON tx (sender, nonce);
CREATE INDEX tx_by_created ON tx (created) WHERE created IS NOT NULL;
CREATE TABLE party_tx (
  subject ${integer} NOT NULL,
  place ${integer} NOT NULL,
  PRIMARY KEY (subject, place)
) ${clustered};
CREATE TABLE event_type (
  id ${integer} PRIMARY KEY,
  contract TEXT NOT NULL,
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (contract, address, name)
) ${strict};
CREATE TABLE event (
  place ${integer} PRIMARY KEY,
  tx ${integer} NOT NULL,
  type ${integer} NOT NULL,
  args TEXT NOT NULL,
  subjects TEXT NOT NULL
) ${strict};
CREATE INDEX event_by_type ON event (type, place);
CREATE TABLE event_subject (
  subject ${integer} NOT NULL,
  place ${integer} NOT NULL,
  type ${integer} NOT NULL,
  PRIMARY KEY (subject, place)
) ${clustered};
CREATE INDEX event_subject_by_type ON event_subject (subject, type, place);

CREATE VIEW blocks AS
  SELECT number, hash, parent_hash, time, gas_used, gas_limit, transactions FROM block;
CREATE VIEW transactions AS
  SELECT x.hash, b.number AS block_number, x.place % ${PLACES_PER_BLOCK} AS transaction_index, b.time,
    sender.value AS sender, recipient.value AS recipient, x.nonce, x.contract, x.method,
    x.succeeded = 1 AS succeeded, x.gas_used, created.value AS created_contract
  FROM tx x
  JOIN block b ON b.number = x.place / ${PLACES_PER_BLOCK}
  JOIN subject sender ON sender.id = x.sender
  LEFT JOIN subject recipient ON recipient.id = x.recipient
  LEFT JOIN subject created ON created.id = x.created;
CREATE VIEW events AS
  SELECT e.place AS event, b.number AS block_number, e.place % ${PLACES_PER_BLOCK} AS log_index, b.time,
    x.hash AS transaction_hash, t.contract, t.address, t.name, ${json("e.args")} AS args
  FROM event e
  JOIN event_type t ON t.id = e.type
  JOIN tx x ON x.place = e.tx
  JOIN block b ON b.number = e.place / ${PLACES_PER_BLOCK};
CREATE VIEW event_keys AS
  SELECT k.place AS event, s.kind, s.value FROM event_subject k JOIN subject s ON s.id = k.subject;
`;
}
