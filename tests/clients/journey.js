// Walk one journey of ./masto with masto.js: `node journey.js <name>`, speaking with the test.
//
// Each line of the standard input is JSON: first what is given to the journey, then what the
// test answers. Each line of the output is JSON: {"ask": word, "with": value}, which waits for
// an answer, or {"done": value}, the last.
import dns from "node:dns";
import { createRequire } from "node:module";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

// Every name below .localhost is this machine, also where the system does not know it.
const lookup = dns.lookup;
dns.lookup = (host, options, callback) =>
  lookup(host.endsWith(".localhost") ? "127.0.0.1" : host, options, callback);

const installed = createRequire(new URL("../browser/package.json", import.meta.url));
const masto = await import(pathToFileURL(installed.resolve("masto")));

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const heard = async () => JSON.parse((await lines.next()).value);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const given = await heard();
const world = {
  ...given,
  masto,
  // Ask the test to do something that no client does: settle, press a button in a browser…
  ask: async (word, value = null) => {
    say({ ask: word, with: value });
    return heard();
  },
  // Return the client of somebody who signed in.
  client: ({ url, token }) => masto.createRestAPIClient({ url, accessToken: token }),
};
const { default: journey } = await import(`./masto/${process.argv[2]}.js`);
say({ done: (await journey(world)) ?? null });
process.exit(0);
