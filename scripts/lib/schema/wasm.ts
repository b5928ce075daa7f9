import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { SchemaEngine } from "@prisma/schema-engine-wasm";

/** Prisma's migration engine, the code behind `prisma migrate`, as a class. */
export type EngineClass = typeof SchemaEngine;

/** What the package's glue code offers beside the engine; its types leave these two out. */
interface Glue {
  readonly SchemaEngine: EngineClass;
  readonly __wbg_set_wasm: (exports: WebAssembly.Exports) => void;
}

let loaded: Promise<EngineClass> | undefined;

/**
 * Loads the engine once, when it is first needed: it takes some 40 MB, and most runs apply nothing.
 * By hand, because the package's own entry imports a `.wasm` file, which Node 20 can't.
 */
export function loadEngine(): Promise<EngineClass> {
  loaded ??= instantiate();
  return loaded;
}

async function instantiate(): Promise<EngineClass> {
  const entry = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const glue = (await import("@prisma/schema-engine-wasm/schema_engine_bg")) as unknown as Glue;
  const bytes = await readFile(join(dirname(entry), "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": importsOf(glue) });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return glue.SchemaEngine;
}

/** The glue's functions, with a timer that doesn't keep the process alive: the engine leaves one of 10 s behind. */
function importsOf(glue: Glue): WebAssembly.ModuleImports {
  const imports: WebAssembly.ModuleImports = { ...(glue as unknown as WebAssembly.ModuleImports) };
  for (const name of Object.keys(imports))
    if (name.startsWith("__wbg_setTimeout_"))
      imports[name] = (run: () => void, milliseconds: number) => setTimeout(run, milliseconds >>> 0).unref();
  return imports;
}
