// Verifies the mail on standard input with mailauth; the argument is the DNS as JSON. Prints the results as JSON.
import { createRequire } from "node:module";
const { dkimVerify } = createRequire(new URL("../sdk/package.json", import.meta.url))("mailauth/lib/dkim/verify");
const records = JSON.parse(process.argv[2]);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const resolver = async (name, type) => {
  if (type !== "TXT" || !(name in records)) throw Object.assign(new Error("no such record"), { code: "ENOTFOUND" });
  return [[records[name]]];
};
const { results } = await dkimVerify(Buffer.concat(chunks), { resolver });
console.log(JSON.stringify(results.map((result) => result.status.result)));
