// Unpack Chromium with its fonts and libraries into node_modules/.chromium; say where it is.
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";

// Its own fonts and no others, wherever they are: a picture is the same on every machine.
const fonts = (place) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(place, "fonts")}</dir>
  <cachedir>${join(place, "fonts-cache")}</cachedir>
</fontconfig>
`;
const modules = join(import.meta.dirname, "node_modules");
const packed = join(modules, "@sparticuz", "chromium");
const { version } = JSON.parse(await readFile(join(packed, "package.json"), "utf8"));
const place = join(modules, `.chromium-${version}`);
if (!existsSync(place)) {
  // The package unpacks into the folder for temporary files, and takes what it finds there.
  const beside = await mkdtemp(join(modules, ".unpacking-"));
  process.env.TMPDIR = beside;
  try {
    const { inflate } = await import("@sparticuz/chromium");
    const archives = ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"];
    await Promise.all(archives.map((name) => inflate(join(packed, "bin", name))));
    await writeFile(join(beside, "fonts", "fonts.conf"), fonts(place));
    await rename(beside, place);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
}
console.log(place);
