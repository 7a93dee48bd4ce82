import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type OutputChunk } from 'rolldown';

const root = fileURLToPath(new URL('../', import.meta.url));

/** One file of a bundle; paths of modules are relative to the project. */
export type BundledFile = {
  readonly path: string;
  readonly bytes: number;
  /** The module whose exports it gives, where it is loaded by name: the entry itself, and each part loaded when needed. */
  readonly entry: string | null;
  /** Files that are read with it. */
  readonly imports: readonly string[];
  readonly modules: readonly string[];
};
export type Bundle = { readonly main: string; readonly files: readonly BundledFile[] };

const relativeToRoot = (id: string): string => relative(root, id);

const fileOf =
  (folder: string, paths: ReadonlySet<string>) =>
  ({ fileName, code, facadeModuleId, imports, moduleIds }: OutputChunk): BundledFile => ({
    path: join(folder, fileName),
    bytes: Buffer.byteLength(code),
    entry: facadeModuleId ? relativeToRoot(facadeModuleId) : null,
    imports: imports.filter((name) => paths.has(name)).map((name) => join(folder, name)),
    modules: moduleIds.map(relativeToRoot),
  });

/**
 * Bundles one function into `folder`: what it needs to start in one file of its name, and each part that it loads only
 * when it is needed, such as the client of an action, beside it. A host then reads one file before it can be called.
 */
export async function bundle(module: string, folder: string, name: string): Promise<Bundle> {
  const { output } = await build({
    cwd: root,
    input: { [name]: module },
    platform: 'node',
    external: ['@azure/functions-core'],
    resolve: {
      // clients offer a CommonJS form first, which cannot be split
      mainFields: ['module', 'main'],
      // the Kubernetes client brings a megabyte of it for requests that sessions make themselves
      alias: { undici: join(root, 'functions', 'global-fetch.ts') },
    },
    // what one function loads when it needs it, another may need at once
    checks: { ineffectiveDynamicImport: false },
    logLevel: 'warn',
    output: {
      dir: folder,
      format: 'es',
      chunkFileNames: 'chunks/[name]-[hash].js',
      // names stay: they are read in stack traces
      minify: { compress: true, mangle: false, codegen: true },
      comments: { legal: false },
      codeSplitting: { groups: [{ name, tags: ['$initial'] }] },
    },
  });
  const chunks = output.filter((one) => one.type === 'chunk');
  const files = chunks.map(fileOf(folder, new Set(chunks.map(({ fileName }) => fileName))));
  return { main: join(folder, `${name}.js`), files };
}

/** The files that are read before the function can be called. */
export function eagerFiles({ main, files }: Bundle): readonly BundledFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<BundledFile>();
  const open = [main];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = byPath.get(path);
    if (!file || seen.has(file)) continue;
    seen.add(file);
    open.push(...file.imports);
  }
  return [...seen];
}
