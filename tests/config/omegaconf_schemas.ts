import {
  any,
  bool,
  bytes,
  dictOf,
  enumeration,
  field,
  floating,
  int,
  listOf,
  nested,
  nestedField,
  optional,
  schema,
  str,
  unionOf,
} from "../../core/config/schema.ts";
import { Float } from "../../core/config/scalar.ts";
import type { Schema } from "../../core/config/type_ref.ts";

/** The enumeration of `make_omegaconf.py`. */
export const color = enumeration("Color", { RED: 1, GREEN: 2 });

const db = schema("DB", {
  driver: str,
  port: field(int, 3306),
  timeout: field(floating, new Float(1)),
  secure: field(bool, false),
  color: field(color, "RED"),
  note: field(optional(str), null),
});

const pg = schema("PG", { namespace: field(str, "public") }, { extends: db });

const app = schema("App", {
  name: field(str, "app"),
  db: nestedField(db),
  opt_db: field(optional(nested(db)), null),
  dbs: field(listOf(nested(db)), []),
  by_name: field(dictOf(nested(db)), new Map()),
  ports: field(listOf(int), [1, 2]),
  rates: field(dictOf(floating), new Map()),
  matrix: field(listOf(listOf(floating)), []),
  union: field(unionOf(int, str), 1),
  opt_union: field(optional(unionOf(int, bool)), null),
  anything: field(any, null),
  by_color: field(dictOf(int, color), new Map()),
  by_int: field(dictOf(str, int), new Map()),
  by_bool: field(dictOf(str, bool), new Map()),
  opt_ints: field(listOf(optional(int)), []),
  link: field(int, 0),
  data: field(bytes, new Uint8Array([0x78])),
});

/** The structured configs of `make_omegaconf.py`, by name. */
export const schemas: Readonly<Record<string, Schema>> = { DB: db, PG: pg, App: app };
