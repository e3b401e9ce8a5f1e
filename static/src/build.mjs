// Writes static/dist: style sheet, script, icons, fonts and manifest, hashed by content and compressed.
import * as esbuild from "esbuild";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";

const SOURCE = path.dirname(new URL(import.meta.url).pathname);
const ROOT = path.resolve(SOURCE, "../..");
const DIST = path.join(ROOT, "static/dist");
const ICONS = path.join(ROOT, "node_modules/@tabler/icons/icons/outline");
const LETTERS = path.join(ROOT, "node_modules/@expo-google-fonts/noto-sans-sc");
const WEIGHTS = { "400Regular": "Regular", "700Bold": "Bold" };
const COMPRESSED = /\.(css|js|svg)$/;

/** Bundle the style sheet, the script and the font; answer {name: file}. */
async function bundle(folder) {
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ["static/src/app.css", "static/src/app.js"],
    outdir: folder,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    target: ["chrome105", "firefox121", "safari16"],
    loader: { ".woff2": "file" },
    legalComments: "none",
    logLevel: "warning",
  });
  const names = {};
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint) names[path.basename(output.entryPoint)] = path.basename(file);
    if (file.endsWith(".woff2")) names["inter.woff2"] = path.basename(file);
  }
  return names;
}

/** One icon as a symbol; throws when the icon set has none of that name. */
function symbol(name) {
  const svg = fs.readFileSync(path.join(ICONS, `${name}.svg`), "utf8");
  const strokes = [...svg.matchAll(/<path[^>]*\bd="([^"]+)"[^>]*>/g)].filter(
    ([tag]) => !tag.includes('stroke="none"'),
  );
  const style =
    'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  const paths = strokes.map(([, d]) => `<path d="${d}"/>`).join("");
  return `<symbol id="${name}" viewBox="0 0 24 24" ${style}>${paths}</symbol>`;
}

function sprite() {
  const names = JSON.parse(fs.readFileSync(path.join(SOURCE, "icons.json"), "utf8"));
  return `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>`;
}

/** Write a text under a name that carries its hash; answer the file's name. */
function hashed(folder, name, text) {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  const { name: stem, ext } = path.parse(name);
  const file = `${stem}-${hash}${ext}`;
  fs.writeFileSync(path.join(folder, file), text);
  return file;
}

/** The fonts of letters (Latin and Chinese) under fonts/: typesetting reads them, browsers do not. */
function fonts(folder) {
  fs.mkdirSync(path.join(folder, "fonts"));
  for (const [source, weight] of Object.entries(WEIGHTS)) {
    fs.copyFileSync(
      path.join(LETTERS, source, `NotoSansSC_${source}.ttf`),
      path.join(folder, "fonts", `NotoSansSC-${weight}.ttf`),
    );
  }
  fs.copyFileSync(path.join(LETTERS, "LICENSE_FONT"), path.join(folder, "fonts/LICENSE"));
}

function compress(folder) {
  for (const file of fs.readdirSync(folder).filter((name) => COMPRESSED.test(name))) {
    const data = fs.readFileSync(path.join(folder, file));
    fs.writeFileSync(path.join(folder, `${file}.gz`), zlib.gzipSync(data, { level: 9 }));
    fs.writeFileSync(path.join(folder, `${file}.br`), zlib.brotliCompressSync(data));
  }
}

// Built beside the old one and swapped in at the end, so that a running server never finds half a build.
const fresh = path.join(ROOT, "build/assets");
fs.rmSync(fresh, { recursive: true, force: true });
fs.mkdirSync(fresh, { recursive: true });
const manifest = await bundle(fresh);
manifest["icons.svg"] = hashed(fresh, "icons.svg", sprite());
manifest["favicon.svg"] = hashed(
  fresh,
  "favicon.svg",
  fs.readFileSync(path.join(SOURCE, "favicon.svg"), "utf8"),
);
fonts(fresh);
compress(fresh);
fs.writeFileSync(path.join(fresh, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
fs.rmSync(DIST, { recursive: true, force: true });
fs.renameSync(fresh, DIST);
