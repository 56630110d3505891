// The inbox: lists what was captured, shows one message, and follows what arrives by a request that waits for it.
// All text goes into the page as text, never as HTML; mail's own HTML is shown in a sandboxed frame only.

const api = '/_sesame/messages';
const $ = (id) => document.getElementById(id);
const list = $('list');
const panel = $('panel');
const tabs = [...document.querySelectorAll('[role="tab"]')];

const state = {
  messages: [], // newest first
  unread: new Set(),
  lastSeq: 0,
  selected: null, // its id
  detail: null,
  tab: 'html',
};

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'class') node.className = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

async function ask(path, options) {
  const response = await fetch(path, options);
  if (!response.ok) {
    const problem = new Error(`${response.status} ${response.statusText}`);
    problem.status = response.status;
    throw problem;
  }
  return response;
}

const pathOf = (id, rest = '') => `${api}/${encodeURIComponent(id)}${rest}`;

function sizeText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function timeText(iso) {
  const time = new Date(iso);
  const sameDay = time.toDateString() === new Date().toDateString();
  return sameDay
    ? time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })
    : time.toLocaleDateString([], { day: 'numeric', month: 'short', year: 'numeric' });
}

// ---- The list ----

function matches(message, words) {
  const text = [message.subject, message.from, ...message.to, ...message.cc, ...message.bcc, message.messageId,
    ...message.recipients.map((r) => r.address), ...Object.entries(message.tags).map(([n, v]) => `${n}=${v}`)]
    .join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

function shown() {
  const words = $('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length ? state.messages.filter((message) => matches(message, words)) : state.messages;
}

function row(message) {
  const chosen = message.messageId === state.selected;
  const classes = [state.unread.has(message.messageId) ? 'new' : '', message.arrived ? 'arrived' : ''];
  const item = element('li', {
    role: 'option', id: `row-${message.seq}`, class: classes.join(' ').trim(), 'aria-selected': String(chosen),
  });
  item.append(
    element('span', { class: 'who' }, message.from || '(nobody)'),
    element('time', { class: 'when', datetime: message.timestamp }, timeText(message.timestamp)),
    element('span', { class: 'subject' }, message.subject || '(no subject)'),
    element('span', { class: 'to' }, `to ${message.to.concat(message.cc, message.bcc).join(', ')}`),
    element('span', { class: `state ${message.state}` }, message.state),
  );
  item.addEventListener('click', () => select(message.messageId));
  return item;
}

function renderList() {
  const messages = shown();
  const scroll = list.parentElement.scrollTop;
  list.replaceChildren(...messages.map(row));
  list.parentElement.scrollTop = scroll;
  for (const message of state.messages) message.arrived = false;
  const chosen = messages.find((message) => message.messageId === state.selected);
  if (chosen) list.setAttribute('aria-activedescendant', `row-${chosen.seq}`);
  else list.removeAttribute('aria-activedescendant');
  list.hidden = messages.length === 0;
  $('empty').hidden = state.messages.length > 0;
  $('nomatch').hidden = state.messages.length === 0 || messages.length > 0;
  $('clear').disabled = state.messages.length === 0;
  document.title = state.unread.size ? `(${state.unread.size}) Inbox · Sesame` : 'Inbox · Sesame';
}

function take(messages, arrived) {
  for (const message of messages) {
    if (message.seq <= state.lastSeq) continue;
    state.lastSeq = message.seq;
    message.arrived = arrived;
    if (arrived) state.unread.add(message.messageId);
    state.messages.unshift(message);
  }
}

function move(step) {
  const messages = shown();
  if (!messages.length) return;
  const at = messages.findIndex((message) => message.messageId === state.selected);
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), messages.length - 1);
  select(messages[next].messageId);
  $(`row-${messages[next].seq}`)?.scrollIntoView({ block: 'nearest' });
}

// ---- One message ----

async function select(id) {
  state.selected = id;
  state.unread.delete(id);
  document.body.classList.add('reading');
  history.replaceState(null, '', `#${id}`);
  renderList();
  try {
    const response = await ask(pathOf(id));
    const detail = await response.json();
    if (state.selected !== id) return;
    state.detail = detail;
    const at = state.messages.find((message) => message.messageId === id);
    if (at) at.state = detail.state;
    $('remote').checked = false;
    renderMessage();
    renderList();
  } catch (problem) {
    if (problem.status === 404) forget(id);
    else say('off', 'cannot read the message');
  }
}

function closeMessage() {
  state.selected = null;
  state.detail = null;
  document.body.classList.remove('reading');
  history.replaceState(null, '', location.pathname);
  $('view').hidden = true;
  $('hint').hidden = false;
  renderList();
}

function fact(name, value) {
  if (!value || value.length === 0) return [];
  return [element('dt', {}, name), element('dd', {}, Array.isArray(value) ? value.join(', ') : value)];
}

function renderMessage() {
  const detail = state.detail;
  $('hint').hidden = true;
  $('view').hidden = false;
  $('subject').textContent = detail.subject || '(no subject)';
  const shownTo = new Set([...detail.to, ...detail.cc, ...detail.bcc]);
  const others = detail.recipients.map((r) => r.address)
    .filter((address) => ![...shownTo].some((text) => text.includes(address)));
  const tagText = Object.entries(detail.tags).map(([name, value]) => `${name}=${value}`);
  $('facts').replaceChildren(
    ...fact('From', detail.from), ...fact('To', detail.to), ...fact('Cc', detail.cc), ...fact('Bcc', detail.bcc),
    ...fact('Also for', others), ...fact('Reply-To', detail.replyTo),
    ...fact('Date', new Date(detail.timestamp).toLocaleString()),
    ...fact('Tags', tagText), ...fact('Configuration set', detail.configurationSet),
    ...fact('Message id', detail.messageId),
    ...fact('Sent by', `${detail.operation} · ${detail.region} · ${sizeText(detail.size)} · ${detail.state}`),
  );
  $('attachments').replaceChildren(...(detail.attachments ?? []).map((attachment) => element('li', {},
    element('a', { href: attachment.url, download: attachment.fileName }, `📎 ${attachment.fileName}`,
      element('small', {}, `${attachment.contentType}, ${sizeText(attachment.size)}`)))));
  const can = {
    html: detail.html != null, text: detail.text != null, headers: detail.hasContent, raw: detail.hasContent,
    trace: true,
  };
  for (const tab of tabs) tab.disabled = !can[tab.dataset.tab];
  showTab(can[state.tab] ? state.tab : Object.keys(can).find((name) => can[name]));
}

function frame(path) {
  return element('iframe', { src: path, title: 'HTML of the message', sandbox: 'allow-popups allow-popups-to-escape-sandbox' });
}

function table(rows) {
  const body = element('tbody');
  for (const [name, value] of rows) body.append(element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, value)));
  return element('table', {}, body);
}

function describe(data) {
  const parts = Object.entries(data).map(([key, value]) =>
    `${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return parts.join('\n');
}

async function fill(name, detail) {
  if (name === 'html') return frame(pathOf(detail.messageId, `/html${$('remote').checked ? '?remote=1' : ''}`));
  if (name === 'text') return element('pre', {}, detail.text);
  if (name === 'headers') return table(detail.headers.map((header) => [header.name, header.value]));
  if (name === 'raw') {
    const response = await ask(pathOf(detail.messageId, '/raw'));
    return element('pre', {}, await response.text());
  }
  const response = await ask(pathOf(detail.messageId, '/trace'));
  const { trace, events } = await response.json();
  if (!trace.length && !events.length) return element('p', { class: 'empty' }, 'Nothing is recorded.');
  return table([
    ...trace.map((entry) => [`${timeText(entry.timestamp)}  ${entry.kind}`, element('pre', {}, describe(entry.data))]),
    ...events.map((event) => [`event ${event.eventType}`, element('pre', {}, JSON.stringify(event, null, 2))]),
  ]);
}

async function showTab(name, focus = false) {
  state.tab = name;
  const detail = state.detail;
  for (const tab of tabs) {
    const chosen = tab.dataset.tab === name;
    tab.setAttribute('aria-selected', String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen && focus) tab.focus();
  }
  $('remote-label').hidden = name !== 'html';
  panel.setAttribute('aria-label', name);
  try {
    const content = await fill(name, detail);
    if (state.detail === detail && state.tab === name) panel.replaceChildren(content);
  } catch {
    panel.replaceChildren(element('p', { class: 'empty' }, 'This could not be loaded.'));
  }
}

// ---- Changes ----

function forget(id) {
  const messages = shown();
  const at = messages.findIndex((message) => message.messageId === id);
  const next = messages[at + 1] ?? messages[at - 1];
  state.messages = state.messages.filter((message) => message.messageId !== id);
  state.unread.delete(id);
  if (state.selected !== id) renderList();
  else if (next) select(next.messageId);
  else closeMessage();
}

async function remove() {
  const id = state.selected;
  if (!id) return;
  try {
    await ask(pathOf(id), { method: 'DELETE' });
  } catch (problem) {
    if (problem.status !== 404) return say('off', 'could not delete');
  }
  forget(id);
}

async function clearAll() {
  try {
    await ask(api, { method: 'DELETE' });
    state.messages = [];
    state.unread.clear();
    closeMessage();
  } catch {
    say('off', 'could not delete');
  }
}

function say(kind, text) {
  $('live').className = `live ${kind}`;
  $('live').textContent = text;
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// Messages can go by other hands (a test's reset, another window): what is listed is looked up again after a pause.
async function refresh() {
  const response = await ask(api);
  const { messages } = await response.json();
  const known = new Set(state.messages.map((message) => message.messageId));
  const before = state.lastSeq;
  state.lastSeq = 0;
  state.messages = [];
  take(messages, false);
  if (before) for (const m of messages) if (!known.has(m.messageId)) state.unread.add(m.messageId);
  if (state.selected && !messages.some((m) => m.messageId === state.selected)) closeMessage();
  else renderList();
}

async function follow() {
  for (;;) {
    try {
      await refresh();
      say('on', 'live');
      const waiting = state.messages.some((message) => message.state === 'pending');
      for (let round = 0; round < (waiting ? 1 : 4); round += 1) {
        const response = await ask(`${api}?after=${state.lastSeq}&wait=25s`);
        const { messages } = await response.json();
        take(messages, true);
        if (messages.length) renderList();
      }
    } catch {
      say('off', 'not connected');
      await pause(2000);
    }
  }
}

// ---- Hands ----

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $('confirm').open) return;
  if (event.target instanceof HTMLInputElement && event.target.type === 'search') {
    if (event.key === 'Escape') { event.target.value = ''; event.target.blur(); renderList(); }
    if (event.key === 'ArrowDown' || event.key === 'Enter') { event.preventDefault(); list.focus(); move(0); }
    return;
  }
  const inList = document.activeElement === list || document.activeElement === document.body;
  const actions = {
    j: () => move(1), k: () => move(-1), d: remove, Delete: inList ? remove : null,
    '/': () => $('search').focus(), Escape: closeMessage,
    ArrowDown: inList ? () => move(1) : null, ArrowUp: inList ? () => move(-1) : null,
    Home: inList ? () => move(-1e9) : null, End: inList ? () => move(1e9) : null,
    Enter: document.activeElement === list ? () => $('message').focus() : null,
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function onTabKey(event) {
  const usable = tabs.filter((tab) => !tab.disabled);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = usable.indexOf(event.currentTarget);
  showTab(usable[(at + step + usable.length) % usable.length].dataset.tab, true);
}

document.addEventListener('keydown', onKey);
for (const tab of tabs) {
  tab.addEventListener('click', () => showTab(tab.dataset.tab));
  tab.addEventListener('keydown', onTabKey);
}
$('search').addEventListener('input', renderList);
$('delete').addEventListener('click', remove);
$('back').addEventListener('click', closeMessage);
$('remote').addEventListener('change', () => showTab('html'));
$('clear').addEventListener('click', () => { $('confirm').returnValue = ''; $('confirm').showModal(); });
$('confirm').addEventListener('close', () => { if ($('confirm').returnValue === 'yes') clearAll(); });
$('example').textContent = `export AWS_ENDPOINT_URL=${location.origin}
aws ses verify-email-identity --email-address me@example.com
aws ses send-email --from me@example.com --to you@example.com \\
  --subject Hello --text "It works."`;

const asked = decodeURIComponent(location.hash.slice(1));
if (asked) select(asked);
follow();
