// Checks mails with mailauth: SPF, DKIM and DMARC. Standard input is JSON, {records: [[name, kind, value]…],
// down: [name…], mails: [{mail: base64, ip, helo, sender}…]}; prints the results of each as JSON.
import { createRequire } from "node:module";
const { authenticate } = createRequire(new URL("../sdk/package.json", import.meta.url))("mailauth/lib/mailauth");
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { records, down, mails } = JSON.parse(Buffer.concat(chunks));

const fault = (code) => Object.assign(new Error(code), { code });
const read = {
  TXT: (value) => [value],
  MX: (value) => ({ priority: Number(value.split(" ")[0]), exchange: value.split(" ")[1] }),
};
const resolver = async (name, kind) => {
  name = name.toLowerCase().replace(/\.$/, "");
  if (down.includes(name)) throw fault("ESERVFAIL");
  const there = records.filter((record) => record[0].toLowerCase() === name);
  const values = there.filter((record) => record[1] === kind).map((record) => (read[kind] ?? String)(record[2]));
  if (values.length === 0) throw fault(there.length === 0 ? "ENOTFOUND" : "ENODATA");
  return values;
};

const results = [];
for (const { mail, ip, helo, sender } of mails) {
  const options = { ip, helo, sender, mta: "mx.test", resolver, disableArc: true, disableBimi: true, strict: true };
  const { spf, dkim, dmarc } = await authenticate(Buffer.from(mail, "base64"), options);
  results.push({
    spf: spf ? spf.status.result : "none",
    dkim: dkim.results.filter((one) => one.signingDomain || one.status.result !== "none").map((one) => one.status.result),
    dmarc: dmarc ? dmarc.status.result : "none",
    policy: dmarc && dmarc.policy,
  });
}
console.log(JSON.stringify(results));
