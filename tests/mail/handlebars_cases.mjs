// What handlebars.js makes of a table of templates and data. `node handlebars_cases.mjs` writes
// handlebars_cases.json (without escaping two numbers side by side are added there, so none are), which the unit test of the engine reads; `--check` says whether the file is still that.
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../sdk/package.json", import.meta.url));
const Handlebars = require("handlebars");
const file = new URL("handlebars_cases.json", import.meta.url);

const data = {
  name: "Ann", empty: "", zero: 0, one: 1, yes: true, no: false, nil: null, pi: 3.25, big: 1e21, small: 1e-7, neg: -5,
  html: "<b>&\"'</b>", "a b": "blank", "x-y": "dash", "12": "twelve", size: { w: 3, h: 4 }, none: [], nums: [1, 2, 3],
  deep: { a: { b: { c: "deep" } } }, key: "w", which: "greet", mixed: [1, "two", true, [3, 4], { x: 1 }],
  people: [{ name: "Bob", age: 30, tags: ["x", "y"], admin: true }, { name: "Cid", age: 0, tags: [], admin: false },
           { name: "Dan", age: 7, tags: ["z"], nick: "D" }],
  nested: [[1, 2], [3], []], obj: { k1: "v1", k2: "v2" }, text: "line1\nline2\n", emptyObject: {},
};

const outputs = ["name", "this.name", "./name", "size.w", "size/w", "deep.a.b.c", "[a b]", "x-y", "nums.[0]", "nums.length",
  "people.0.name", "people.[1].age", "@root.name", "@root.size.w", "zero", "one", "yes", "no", "pi", "big", "small", "neg",
  "html", "nums", "mixed", "size", "none", "empty", "lookup size key", "lookup nums 1", "lookup size \"h\"",
  "lookup (lookup people 0) 'name'", "12", "deep.[a].b.[c]", "this", "."];
const conditions = ["name", "empty", "zero", "one", "yes", "no", "nil", "absent", "size", "none", "nums", "emptyObject",
  "deep.a.x", "deep.a.b.c", "people.0.admin", "people.1.admin", "absent.x.y", "lookup size key", "@root.yes", "@absent",
  "\"text\"", "\"\"", "0", "1", "true", "false", "null", "undefined"];
const spaced = (tag) => [`a ${tag} b`, `a\n${tag}\nb`, `a\n  ${tag}  \nb`, `${tag}\nb`, `a\n${tag}`, `  ${tag}`, `\r\n\t${tag}\r\nb`];

const templates = [
  "", "plain", "{", "}", "}}", "a}}b", "{ {name} }", "\\{{name}}", "\\\\{{name}}", "\\\\\\{{name}}", "a \\{{b}} {{name}} c",
  "\\{{a}}\\{{b}}{{name}}", "\\{{a}}\\\\{{name}}", "{{! no }}x", "a{{!-- }} --}}b", "a{{!--x--~}}  b", "a {{~! x ~}} b", "{{!}}x",
  "{{!--}}x", "{{~name~}}", " {{~name~}} ", "a \n {{~name}} \n b", "a \n {{name~}} \n b", "{{{name}~}} b", "{{& name}}",
  "{{#if yes}}{{name}}{{else if no}}b{{else}}c{{/if}}", "{{#if no}}a{{else if yes}}b{{else}}c{{/if}}",
  "{{#if no}}a{{else if nil}}b{{else}}c{{/if}}", "{{#if no}}a{{else if nil}}b{{/if}}", "{{#if no}}a{{^}}b{{/if}}",
  "{{#if no}}a{{else each nums}}[{{this}}]{{/if}}", "{{#if no}}a{{else with size}}{{w}}{{else}}z{{/if}}",
  "{{#if zero includeZero=true}}zero{{else}}no{{/if}}", "{{#unless no}}a{{else}}b{{/unless}}",
  "{{#each nums}}{{this}}{{/each}}", "{{#each nums}}{{@index}}:{{.}}{{#unless @last}},{{/unless}}{{/each}}",
  "{{#each nums}}{{#if @first}}<{{/if}}{{@key}}{{/each}}", "{{#each obj}}{{@key}}={{this}};{{/each}}",
  "{{#each obj}}{{@index}} {{@first}} {{@last}};{{/each}}", "{{#each none}}x{{else}}none{{/each}}",
  "{{#each absent}}x{{else}}none{{/each}}", "{{#each absent}}x{{/each}}", "{{#each name}}x{{else}}text{{/each}}",
  "{{#each emptyObject}}x{{else}}none{{/each}}", "{{#each zero}}x{{else}}none{{/each}}",
  "{{#each people}}{{name}} {{../name}} {{@root.name}};{{/each}}", "{{#each people as |p i|}}{{i}}{{p.name}}{{name}}{{/each}}",
  "{{#each people as |p|}}{{#each p.tags as |t j|}}{{p.name}}{{t}}{{j}}{{@../index}}{{../age}}{{/each}}{{/each}}",
  "{{#each people}}{{#each tags}}{{../name}}{{this}}{{../../name}}{{@../index}}{{@index}} {{/each}}{{/each}}",
  "{{#each people}}{{#if admin}}A{{../name}}{{else}}-{{/if}}{{/each}}", "{{#each nested}}({{#each this}}{{this}}{{/each}}){{/each}}",
  "{{#each nested}}{{#each .}}{{@../index}}-{{@index}} {{else}}e{{/each}};{{/each}}",
  "{{#each obj as |v k|}}{{k}}{{v}}{{/each}}", "{{#with size}}{{w}}x{{h}}{{../name}}{{/with}}",
  "{{#with size as |s|}}{{s.w}} {{w}}{{/with}}", "{{#with none}}x{{else}}y{{/with}}", "{{#with absent}}x{{/with}}",
  "{{#with zero}}{{this}}{{else}}y{{/with}}", "{{#with this}}{{name}}{{/with}}", "{{#with this}}{{#with size}}{{../name}}{{/with}}{{/with}}",
  "{{#size}}{{w}}{{/size}}", "{{#nums}}{{this}}{{/nums}}", "{{#yes}}{{name}}{{/yes}}", "{{#no}}x{{/no}}", "{{#no}}x{{else}}y{{/no}}",
  "{{^no}}x{{/no}}", "{{^yes}}x{{/yes}}", "{{^yes}}x{{else}}y{{/yes}}", "{{^none}}x{{/none}}", "{{^absent}}x{{/absent}}",
  "{{^nums}}x{{/nums}}", "{{^zero}}x{{/zero}}", "{{#empty}}x{{/empty}}", "{{#name}}<{{this}}>{{/name}}", "{{#deep.a}}{{b.c}}{{/deep.a}}",
  "{{#people}}{{name}}{{@index}}{{/people}}", "{{#absent}}x{{else}}y{{/absent}}", "{{#absent.x}}x{{^}}y{{/absent.x}}",
  "{{#*inline \"n\"}}hi {{name}}{{/inline}}{{> n}}", "{{> n}}{{#*inline \"n\"}}hi {{name}}{{/inline}}",
  "{{#*inline 'n'}}[{{w}}]{{/inline}}{{> n size}}", "{{#*inline 'n'}}[{{w}}{{name}}]{{/inline}}{{> n size name=\"N\"}}",
  "{{#*inline 'n'}}{{a}} {{b}} {{name}}{{/inline}}{{> n a=1 b=pi}}", "{{#* inline 'n'}}{{this}}{{/inline}}{{#each nums}}{{> n}}{{/each}}",
  "{{#*inline 'n'}}{{#if ../name}}y{{else}}n{{/if}}{{/inline}}{{#with size}}{{> n}}{{/with}}", "{{#*inline 'n'}}{{@index}}{{/inline}}{{#each nums}}{{> n}}{{/each}}",
  "{{#*inline 'n'}}1{{/inline}}{{#if yes}}{{#*inline 'n'}}2{{/inline}}{{> n}}{{/if}}{{> n}}",
  "{{#*inline 'greet'}}hello{{/inline}}{{> (lookup . 'which')}}", "{{#*inline 'a'}}{{> b}}!{{/inline}}{{#*inline 'b'}}b{{name}}{{/inline}}{{> a}}",
  "{{#*inline 'n'}}\nx\n  y\n{{/inline}}\nA\n  {{> n}}\nB", "{{#*inline 'n'}}x\n{{text}}{{/inline}}\n  {{> n}}\nB",
  "{{#*inline 'n'}}\nx\n{{/inline}}A {{> n}} B", "{{#*inline 'm'}}\n1\n2\n{{/inline}}{{#*inline 'n'}}\n  {{> m}}\n{{/inline}}\n\t{{> n}}\n",
  "{{#*inline \"a/b\"}}z{{/inline}}{{> a/b}}", "{{#*inline 'n'}}{{#each tags}}{{this}}{{/each}}{{/inline}}{{#each people}}{{> n this}}{{/each}}",
  "{{#*inline 'n'}}{{k}}{{/inline}}{{#each nums as |v|}}{{> n k=v}}{{/each}}", "{{log name}}x",
  "<ul>\n{{#each people}}\n  <li>{{name}}</li>\n{{/each}}\n</ul>\n", "<ul>\n  {{#each people}}\n  <li>{{name}}</li>\n  {{/each}}\n</ul>",
  "{{#each people}}\n{{name}}\n{{else}}\nnone\n{{/each}}\n", "{{#each none}}\n{{name}}\n{{else}}\nnone\n{{/each}}\n",
  "{{#if yes}}\n  a\n{{else if no}}\n  b\n{{else}}\n  c\n{{/if}}\nend", "{{#if no}}\n  a\n{{else if yes}}\n  b\n{{else}}\n  c\n{{/if}}\nend",
  "{{#if no}}\n  a\n{{else if no}}\n  b\n{{else}}\n  c\n{{/if}}\nend", "{{#if no}}\r\n  a\r\n{{else}}\r\n  c\r\n{{/if}}\r\nend",
  "{{#if yes~}}  a  {{~else~}}  b  {{~/if}}", "{{#if no~}}  a  {{~else~}}  b  {{~/if}}", "{{#if no}} a {{~else if yes~}} b {{~else~}} c {{~/if~}} d",
  "{{#if no}} a {{else if no~}} b {{else if yes}} c {{~/if~}} d", "a {{~#if yes~}} b {{~/if~}} c", "{{#if yes}}{{/if}}\nx", "{{#if yes}}\n{{/if}}\nx",
  "{{#if yes}}\n\n{{/if}}\n\nx", "{{#if yes}}{{#if yes}}\nx\n{{/if}}{{/if}}", "{{#if yes}}\n{{#if yes}}\nx\n{{/if}}\n{{/if}}\n",
  "{{^no}}\nx\n{{/no}}\ny", "{{^no}}\nx\n{{else}}\nz\n{{/no}}\ny", "{{^yes}}\nx\n{{^}}\nz\n{{/yes}}\ny", "a\n{{! c }}\n{{! d }}\nb", "{{! c }}\n{{name}}",
  "{{name}}\n{{! c }}\n{{name}}\n", "{{#if yes}} {{! c }} \n{{/if}}x", "{{#if yes}}\n  {{name}}\n{{/if}}", "{{#if name}}{{#unless no}}{{#with size}}{{#each ../nums}}{{../w}}{{/each}}{{/with}}{{/unless}}{{/if}}",
  "{{  name  }}", "{{#if   yes  }}x{{/if}}", "{{ else_name }}{{elsewhere}}", "{{#each (lookup . 'nums')}}{{this}}{{/each}}",
  "{{#if (lookup size key)}}w{{/if}}", "{{#each mixed}}{{this}};{{/each}}", "{{#each people}}{{#if nick}}{{nick}}{{/if}}{{/each}}",
  "{{#each people}}{{#each ../nums}}{{../name}}{{this}}{{/each}}{{/each}}", "{{#each nums}}{{#if @first}}{{../name}}{{/if}}{{/each}}",
  "{{#with deep}}{{#with a}}{{#with b}}{{c}}{{../../../name}}{{/with}}{{/with}}{{/with}}",
  "{{#*inline 'n'}}a\n\nb{{/inline}}\n  {{> n}}\nB", "Grüße {{name}} ✓ {{#if yes}}Ω{{/if}}",
];
for (const output of outputs) templates.push(`{{${output}}}`, `a{{{ ${output} }}}b`);
for (const condition of conditions) {
  const argument = condition.includes(" ") && !condition.startsWith('"') ? `(${condition})` : condition;
  for (const helper of ["if", "unless", "with", "each"]) templates.push(`{{#${helper} ${argument}}}1{{else}}2{{/${helper}}}`);
}
templates.push(...spaced("{{! c }}"), ...spaced("{{#if yes}}"  + "\nX\n{{/if}}"), ...spaced("{{#each nums}}\n{{.}}\n{{/each}}"), ...spaced("{{name}}"),
  ...spaced("{{~#if no}}\nX\n{{else}}\nY\n{{/if}}"), ...spaced("{{#if yes}}X{{/if}}"), ...spaced("{{#*inline 'q'}}\nX\nY{{/inline}}"),
  ...spaced("{{#*inline 'q'}}X\nY\n{{/inline}}\n{{> q}}"));

Object.assign(data, { else_name: "E", elsewhere: "W" });
Handlebars.log = () => {};
Handlebars.registerHelper("log", () => "");
const cases = templates.map((template) => {
  try {
    return [template, Handlebars.compile(template, { noEscape: true })(data)];
  } catch (error) {
    throw new Error(`${JSON.stringify(template)}: ${error.message}`);
  }
});
const made = JSON.stringify({ data, cases }, null, 1) + "\n";
if (process.argv[2] === "--check") {
  const same = fs.readFileSync(file, "utf8") === made;
  console.log(same ? `ok handlebars_cases.json is what handlebars.js says: ${cases.length} cases` : "FAIL handlebars_cases.json");
  process.exit(same ? 0 : 1);
}
fs.writeFileSync(file, made);
console.log(`${cases.length} cases`);
