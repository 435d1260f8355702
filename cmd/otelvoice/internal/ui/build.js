// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Builds dist/ from src/. Usage: node build.js [--out DIR] [--tests]
import { build } from "esbuild";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const args = process.argv.slice(2);
const here = import.meta.dirname;
const source = join(here, "src");
const common = { absWorkingDir: here, bundle: true, target: "es2022", charset: "ascii", logLevel: "warning" };

if (args.includes("--tests")) {
  const out = join(here, ".tests");
  await rm(out, { recursive: true, force: true });
  const tests = (await readdir(source)).filter((name) => name.endsWith(".test.ts"));
  await build({ ...common, entryPoints: tests.map((name) => join(source, name)), outdir: out, platform: "node", format: "esm", outExtension: { ".js": ".mjs" } });
} else {
  const out = args.includes("--out") ? args[args.indexOf("--out") + 1] : join(here, "dist");
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await build({
    ...common,
    entryPoints: { app: join(source, "main.ts") },
    outdir: out,
    format: "iife",
    minify: true,
    legalComments: "none",
  });
  await build({ ...common, entryPoints: { app: join(source, "app.css") }, outdir: out, minify: true, legalComments: "none" });
  await copyFile(join(source, "index.html"), join(out, "index.html"));
  let licences = "The pages contain these parts.\n";
  for (const part of ["lit-html", "uplot"]) {
    const at = join(here, "node_modules", part);
    const { version } = JSON.parse(await readFile(join(at, "package.json"), "utf8"));
    licences += `\n${"-".repeat(72)}\n${part} ${version}\n\n${(await readFile(join(at, "LICENSE"), "utf8")).trim()}\n`;
  }
  await writeFile(join(out, "licences.txt"), licences);
}
