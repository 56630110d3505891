// Sends mails with nodemailer: host, port, then JSON of createTransport options and of the mail, on standard input.
import { createRequire } from "node:module";
const nodemailer = createRequire(new URL("../sdk/package.json", import.meta.url))("nodemailer");
let input = "";
for await (const chunk of process.stdin) input += chunk;
const { transport, mails } = JSON.parse(input);
const sender = nodemailer.createTransport(transport);
for (const mail of mails) {
  try {
    const info = await sender.sendMail(mail);
    console.log(JSON.stringify({ response: info.response }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.response ?? String(error) }));
  }
}
sender.close();
