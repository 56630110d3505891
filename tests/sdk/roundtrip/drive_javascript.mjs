// Round trips through the JavaScript SDK v3: see drive_python.py, which does the same through boto3.
// usage: node drive_javascript.mjs URL CASES-FILE API…      (API: ses, sesv2, iam, sts)
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [url, casesFile, ...apis] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(casesFile, "utf8"));
// The packages are found from the folder named by SDK_MODULES, or from here.
const require = createRequire(process.env.SDK_MODULES ? pathToFileURL(process.env.SDK_MODULES + "/") : import.meta.url);

let passed = 0;
let failed = 0;

function report(name, faults) {
  if (faults.length === 0) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`not ok - ${name}`);
  for (const fault of faults.slice(0, 8)) console.log(`    ${fault}`);
}

const post = async (path, value) => {
  await (await fetch(url + path, { method: "POST", body: JSON.stringify(value) })).text();
};
const last = async () => (await fetch(url + "/_echo/last")).json();

function toSdk(value) {
  if (Array.isArray(value)) return value.map(toSdk);
  if (value === null || typeof value !== "object") return value;
  if ("$t" in value) return new Date(Math.round(value.$t * 1000));
  if ("$b" in value) return new Uint8Array(Buffer.from(value.$b, "base64"));
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, toSdk(v)]));
}

function fromSdk(value) {
  if (Array.isArray(value)) return value.map(fromSdk);
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, v]) => v !== undefined).map(([k, v]) => [k, fromSdk(v)]));
}

function differences(want, got, path = "") {
  const object = (v) => v !== null && typeof v === "object";
  if (object(want) && object(got) && Array.isArray(want) === Array.isArray(got)) {
    const keys = [...new Set([...Object.keys(want), ...Object.keys(got)])].sort();
    return keys.flatMap((key) => {
      const here = path ? `${path}.${key}` : key;
      if (!(key in got)) return [`${here}: lost`];
      if (!(key in want)) return [`${here}: not expected: ${JSON.stringify(got[key])}`];
      return differences(want[key], got[key], here);
    });
  }
  if (typeof want === "number" && typeof got === "number") {
    if (Math.abs(want - got) < 5e-7) return [];
  } else if (want === got) {
    return [];
  }
  return [`${path}: ${JSON.stringify(want)} became ${JSON.stringify(got)}`];
}

const plain = (value) => fromSdk(toSdk(value));

// Signs nothing: model_echo does not look, and EndpointId would ask for SigV4A, which needs a module of its own.
function clientOf(api) {
  const sdk = require(`@aws-sdk/client-${api}`);
  const Client = sdk[{ ses: "SESClient", sesv2: "SESv2Client", iam: "IAMClient", sts: "STSClient" }[api]];
  const client = new Client({
    region: "us-east-1",
    endpoint: url,
    maxAttempts: 1,
    httpAuthSchemes: [
      { schemeId: "smithy.api#noAuth", identityProvider: () => async () => ({}), signer: { sign: async (r) => r } },
    ],
    httpAuthSchemeProvider: () => [{ schemeId: "smithy.api#noAuth" }],
  });
  return { sdk, client };
}

const unknownOperations = [];

async function runCase(api, sdk, client, test) {
  const name = `${api}.${test.operation}` + (test.choice ? ` variant ${test.choice + 1}` : "");
  const Command = sdk[test.operation + "Command"];
  if (!Command) {
    unknownOperations.push(name);
    return;
  }
  const sent = test.input;
  await post("/_echo/result", test.plain_output);
  let got;
  try {
    got = await client.send(new Command(toSdk(sent)));
  } catch (error) {
    report(name, [`${error.name}: ${error.message}`]);
    return;
  }
  const seen = await last();
  const faults = seen.operation === test.operation ? [] : [`arrived as ${JSON.stringify(seen)}`];
  for (const d of differences(plain(sent), seen.input ?? {})) faults.push("request " + d);
  delete got.$metadata;
  for (const d of differences(plain(test.output), fromSdk(got))) faults.push("answer " + d);
  report(name, faults);
}

async function runError(api, sdk, client, tests, error) {
  const Command = sdk[error.operation + "Command"];
  if (!Command) return;
  const told = { code: error.code, message: error.message, members: error.members };
  if (api === "sesv2") told.v2 = true;
  await post("/_echo/error", told);
  let faults = ["no error was raised"];
  try {
    const { input } = tests.find((t) => t.operation === error.operation);
    await client.send(new Command(toSdk(input)));
  } catch (raised) {
    faults = [
      ...differences(error.shape, raised.name, "name"),
      ...differences(error.message, raised.message, "message"),
      ...differences(error.status, raised.$metadata?.httpStatusCode, "status"),
    ];
    if (sdk[error.shape] && !(raised instanceof sdk[error.shape])) faults.push(`not an instance of ${error.shape}`);
    for (const [member, text] of Object.entries(error.members))
      faults.push(...differences(text, raised[member], member));
  }
  report(`${api} error ${error.shape}`, faults);
}

for (const api of apis) {
  const { sdk, client } = clientOf(api);
  for (const test of cases[api].cases) await runCase(api, sdk, client, test);
  for (const error of cases[api].errors) await runError(api, sdk, client, cases[api].cases, error);
  client.destroy();
}
for (const name of unknownOperations) console.log(`# the JavaScript SDK does not know operation ${name}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
