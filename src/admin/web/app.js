// SPDX-License-Identifier: Apache-2.0
// The dashboard: draws what /api/v1 tells, live by its stream of events. No library, no other host.
'use strict';

const POINTS = 300;
const by = id => document.getElementById(id);

/** An element with properties and children; text stays text. */
function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== 'list') node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

/** The same in SVG, where everything is an attribute. */
function s(tag, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// What is known -----------------------------------------------------------------------------------

const state = {
  status: null, before: null, incidents: [], incidentsOpen: 0, events: [], config: [],
  points: { time: [], requests: [], errors: [], rescued: [], p50: [], p99: [] },
  lastEvent: 0, heardAt: 0, isLive: false, isHeld: false, filter: '',
  chosen: null, opened: new Map(), record: null, token: sessionStorage.getItem('token') || '',
};

// Words -------------------------------------------------------------------------------------------

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
function amount(value) {
  if (value >= 1e6) return (value / 1e6).toFixed(1) + ' M';
  if (value >= 1e4) return (value / 1e3).toFixed(1) + ' k';
  return value > 0 && value < 10 && !Number.isInteger(value) ? value.toFixed(1) : whole.format(value);
}
function duration(ms) {
  if (!ms) return '–';
  if (ms < 1) return (ms * 1000).toFixed(0) + ' µs';
  if (ms < 10) return ms.toFixed(1) + ' ms';
  return ms < 1000 ? ms.toFixed(0) + ' ms' : (ms / 1000).toFixed(ms < 10000 ? 1 : 0) + ' s';
}
function span(seconds) {
  if (seconds < 120) return Math.round(seconds) + ' s';
  if (seconds < 7200) return Math.round(seconds / 60) + ' min';
  return seconds < 172800 ? Math.round(seconds / 3600) + ' h' : Math.round(seconds / 86400) + ' days';
}
const clock = time => new Date(time).toLocaleTimeString([], { hour12: false });
const many = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const allEndpoints = () => (state.status ? state.status.upstreams.flatMap(u => u.endpoints) : []);

/** Is it fine, and if not, why: one sentence and how bad it is. */
function verdict() {
  const status = state.status;
  if (!state.isLive && !state.heardAt) return ['', 'Connecting…'];
  if (!state.isLive) {
    const age = span((Date.now() - state.heardAt) / 1000);
    return ['bad', `The gateway does not answer; what you see is ${age} old`];
  }
  const open = state.incidents.filter(i => i.open && !i.explained_by && i.blame !== 'client');
  const worst = open.find(i => i.failed > 0);
  if (worst) return ['bad', (open.length > 1 ? `${many(open.length, 'incident')}, first: ` : '') + worst.title];
  if (!status.ready) return ['save', 'Draining: load balancers in front are told to send nobody here'];
  const endpoints = allEndpoints();
  const away = endpoints.filter(e => e.state !== 'up' && e.state !== 'recovering');
  const ill = away.filter(e => e.state !== 'draining');
  if (open.length) return ['save', `Clients notice nothing: every request was saved. ${open[0].title}`];
  if (ill.length) return ['save', `Clients notice nothing: ${many(ill.length, 'endpoint')} of ${endpoints.length} cannot be used`];
  if (status.recent.errors_per_second > 0) return ['bad', 'Some requests failed in the last ten seconds'];
  if (away.length) return ['ok', `All is well; ${many(away.length, 'endpoint')} of ${endpoints.length} drains as ordered`];
  return ['ok', status.recent.requests_per_second > 0 ? 'All is well' : 'All is well, and quiet'];
}

// The API -----------------------------------------------------------------------------------------

const headers = () => (state.token ? { Authorization: 'Bearer ' + state.token } : {});

async function ask(path) {
  const answer = await fetch('/api/v1/' + path, { headers: headers() });
  if (answer.status === 401) askForToken();
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error || answer.statusText);
  return answer.json();
}

async function order(path, body) {
  const answer = await fetch('/api/v1/' + path, {
    method: 'POST', headers: { ...headers(), 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...body, by: 'the dashboard' }),
  });
  if (!answer.ok) inform('That could not be done', (await answer.json()).error);
}

function askForToken() {
  if (!by('token').open) by('token').showModal();
}

/** Reads text/event-stream for as long as it lasts; fetch can send a token, EventSource cannot. */
async function listen() {
  const last = state.lastEvent ? { 'Last-Event-ID': String(state.lastEvent) } : {};
  const answer = await fetch('/api/v1/events', { headers: { ...headers(), ...last } });
  if (answer.status === 401) { askForToken(); throw new Error('no token'); }
  if (!answer.ok) throw new Error(answer.statusText);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const messages = text.split('\n\n');
    text = messages.pop();
    messages.forEach(hear);
  }
}

function hear(message) {
  const fields = { event: '', data: '' };
  for (const line of message.split('\n')) {
    const [, name, value] = line.match(/^(\w+): ?(.*)$/) || [];
    if (name === 'data') fields.data += value; else if (name) fields[name] = value;
  }
  if (!fields.event || !fields.data) return;
  state.isLive = true;
  const data = JSON.parse(fields.data);
  if (fields.event === 'status') return hearStatus(data);
  state.lastEvent = Number(fields.id);
  state.events.unshift(data);
  state.events.length = Math.min(state.events.length, 200);
  if (data.kind === 'start' || data.kind === 'reload') loadConfig();
  if (data.kind === 'incident') loadIncidents();
  drawEvents();
}

function hearStatus(status) {
  const before = state.status;
  state.before = before;
  state.status = status;
  state.heardAt = Date.now();
  const isSame = before && before.uptime_seconds < status.uptime_seconds;
  if (isSame) {
    const seconds = status.uptime_seconds - before.uptime_seconds;
    const rate = key => Math.max(0, status.requests[key] - before.requests[key]) / seconds;
    add({ time: Date.now() / 1000, requests: rate('total'), errors: rate('errors'), rescued: rate('rescued'),
          p50: status.recent.latency_ms.total.p50, p99: status.recent.latency_ms.total.p99 });
  }
  const hasNews = !before || ['errors', 'rescued'].some(key => status.requests[key] !== before.requests[key]);
  if (hasNews || state.incidentsOpen > 0) loadIncidents();
  draw();
}

function add(point) {
  for (const [key, value] of Object.entries(point)) {
    state.points[key].push(value);
    if (state.points[key].length > POINTS) state.points[key].shift();
  }
}

async function loadHistory() {
  const past = await ask('history');
  state.points = { time: past.time, requests: past.requests_per_second, errors: past.errors_per_second,
                   rescued: past.rescued_per_second, p50: past.p50_ms, p99: past.p99_ms };
}

async function loadIncidents() {
  const answer = await ask('incidents').catch(() => null);
  if (!answer) return;
  state.incidents = answer.incidents || [];
  state.incidentsOpen = answer.open || 0;
  await Promise.all([...state.opened.keys()].map(loadIncident));
  draw();
}

async function loadIncident(id) {
  const detail = await ask('incidents/' + id).catch(() => null);
  if (detail && state.opened.has(id)) state.opened.set(id, detail);
}

async function loadConfig() {
  const answer = await ask('config').catch(() => null);
  if (!answer) return;
  state.config = answer.values;
  drawConfig();
}

async function run() {
  for (;;) {
    try {
      if (!state.points.time.length) await loadHistory().catch(() => {});
      await listen();
    } catch { /* Said by the verdict. */ }
    state.isLive = false;
    draw();
    await new Promise(done => setTimeout(done, 1000));
    if (by('token').open) await new Promise(done => by('token').addEventListener('close', done, { once: true }));
  }
}

// The picture -------------------------------------------------------------------------------------

function draw() {
  drawVerdict();
  if (!state.status || state.isHeld) return;
  drawFigures();
  drawChart('rates', [['ok', state.points.requests], ['save', state.points.rescued], ['bad', state.points.errors]], amount);
  drawChart('times', [['ok', state.points.p50], ['save', state.points.p99]], duration);
  drawStages();
  drawIncidents();
  drawUpstreams();
  markChosen();
}

function drawVerdict() {
  const [kind, text] = verdict();
  if (by('verdict').textContent !== text) by('verdict').textContent = text;
  by('verdict').className = kind;
  document.title = (kind === 'bad' ? '● ' : '') + (text.length > 60 ? text.slice(0, 60) + '…' : text) + ' – Goodgate';
  const status = state.status;
  if (!status) return;
  by('about').textContent = `goodgate ${status.version}, pid ${status.pid}, up for ${span(status.uptime_seconds)}, ` +
    `${many(status.workers.length, 'worker')}, ${status.listeners.join(', ')}${state.isHeld ? ' · held still (p)' : ''}`;
  by('gateway').textContent = status.ready ? 'Drain gateway' : 'End gateway’s drain';
}

function drawFigures() {
  const { recent, requests, workers } = state.status;
  const tile = (kind, value, label) => h('div', { className: 'tile' }, h('b', { className: kind }, value), h('span', {}, label));
  const times = recent.latency_ms.total;
  by('figures').replaceChildren(
    tile('', amount(recent.requests_per_second), 'requests per second'),
    tile(recent.errors_per_second > 0 ? 'bad' : '', amount(recent.errors_per_second), `errors per second, ${amount(requests.errors)} in all`),
    tile(recent.rescued_per_second > 0 ? 'save' : '', amount(recent.rescued_per_second), `rescued per second, ${amount(requests.rescued)} in all`),
    tile('', duration(times.p50), 'half of the requests within'),
    tile('', duration(times.p99), '99 % within'),
    tile('', amount(requests.active), 'under way'),
    tile('', amount(workers.reduce((sum, w) => sum + w.client_connections, 0)), 'client connections'),
    tile(state.incidents.some(i => i.open && i.failed > 0) ? 'bad' : state.incidentsOpen ? 'save' : 'ok', String(state.incidentsOpen), 'open incidents'));
}

function drawChart(id, curves, say) {
  const svg = by(id);
  const width = Math.max(svg.clientWidth, 100), height = 110, top = 16, bottom = 4;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const most = Math.max(...curves.flatMap(([, values]) => values), 0);
  const scale = most || 1;
  const parts = [s('line', { x1: 0, x2: width, y1: top, y2: top }), s('text', { x: 4, y: 12 })];
  parts[1].textContent = most ? `at most ${say(most)}, now ${say(curves[0][1].at(-1) || 0)}` : 'nothing yet';
  for (const [kind, values] of curves) {
    const step = width / (POINTS - 1), first = POINTS - values.length;
    const d = values.map((value, i) =>
      `${i ? 'L' : 'M'}${((first + i) * step).toFixed(1)} ${(height - bottom - value / scale * (height - top - bottom)).toFixed(1)}`).join('');
    if (values.some(value => value > 0)) parts.push(s('path', { d, class: kind }));
  }
  svg.replaceChildren(...parts);
}

const stageNames = { queue: 'queue', connect: 'connect', tls: 'TLS', first_byte: 'first byte', total: 'whole' };
function drawStages() {
  const stages = state.status.recent.latency_ms;
  const most = Math.max(...Object.values(stages).map(stage => stage.p99), 0.001);
  by('stages').replaceChildren(...Object.entries(stageNames).map(([key, name]) => {
    const { count, p50, p95, p99 } = stages[key];
    const bar = (value, opacity) => s('rect', { x: 0, y: 0, height: 10, width: `${(value / most * 100).toFixed(1)}%`, fill: 'currentColor', opacity });
    const words = count ? `${duration(p50)} · ${duration(p95)} · ${duration(p99)}` : 'none';
    return h('div', { className: 'stage', title: `${name}: ${many(count, 'time')} in the last ten seconds` }, h('span', {}, name),
      s('svg', { class: 'info' }, bar(p99, 0.25), bar(p95, 0.45), bar(p50, 1)), h('span', {}, words));
  }));
}

const fits = text => !state.filter || text.toLowerCase().includes(state.filter);

function drawIncidents() {
  const shown = state.incidents.filter(i => fits(`${i.title} ${i.upstream} ${i.endpoint} ${i.fault.name}`)).slice(0, 50);
  by('incident-count').textContent = state.incidents.length ? `${state.incidentsOpen} open, ${state.incidents.length} known` : 'none';
  const items = shown.map(incident => {
    const kind = !incident.open ? '' : incident.failed > 0 ? 'is-bad' : 'is-save';
    const when = incident.open ? `since ${clock(incident.began)}` : `${clock(incident.began)} to ${clock(incident.ended)}`;
    const counts = `${amount(incident.failed)} failed, ${amount(incident.rescued)} rescued, ${when}`;
    const id = String(incident.id), detail = state.opened.get(id);
    return h('li', { className: kind, 'data-row': 'incident ' + id, onclick: () => toggleIncident(id) },
      h('h3', {}, incident.title), h('p', { className: 'quiet' }, counts),
      incident.remedy && !detail ? h('p', {}, incident.remedy) : null,
      detail ? incidentDetail(detail) : null);
  });
  replaceUnlessUsed(by('incidents'), items);
}

function incidentDetail(incident) {
  const list = (title, lines) => (lines && lines.length ? [h('h4', {}, title), h('ul', {}, ...lines.map(line => h('li', {}, line)))] : []);
  const change = c => `${clock(c.time)} ${c.text}`;
  const samples = (incident.samples || []).map(id =>
    h('a', { href: '#' + id, onclick: event => { event.preventDefault(); showRequest(id); } }, id.slice(0, 8)));
  return h('div', { className: 'detail', onclick: event => event.stopPropagation() },
    h('p', {}, `${incident.fault.meaning} Blame: ${incident.blame || 'nobody'}.`),
    ...list('What to do', incident.remedies), ...list('Evidence', incident.evidence), ...list('What the gateway did', incident.gateway),
    ...list('Shortly before', (incident.before || []).map(change)), ...list('Meanwhile', (incident.during || []).map(change)),
    ...(samples.length ? [h('h4', {}, 'Some of the requests'), h('p', {}, ...samples.flatMap(link => [link, ' ']))] : []));
}

async function toggleIncident(id) {
  if (state.opened.delete(id)) return draw();
  state.opened.set(id, null);
  await loadIncident(id);
  draw();
}

const kindOf = endpoint => ({ up: 'ok', recovering: 'ok', draining: 'info', leaving: 'info', slow: 'save', probing: 'save' })[endpoint.state] || 'bad';

const lookedUp = discovery => !discovery ? '' :
  `; ${many(discovery.endpoints, 'endpoint')} by ${discovery.source}${discovery.problem ? `: ${discovery.problem}` : ''}`;

function drawUpstreams() {
  const earlier = new Map((state.before ? state.before.upstreams : []).flatMap(u => u.endpoints.map(e => [u.name + ' ' + e.address, e])));
  const seconds = state.before ? state.status.uptime_seconds - state.before.uptime_seconds : 0;
  const blocks = state.status.upstreams.map(upstream => {
    const rows = upstream.endpoints.filter(e => fits(`${upstream.name} ${e.address} ${e.state} ${e.reason}`))
      .sort((a, b) => (kindOf(a) === 'ok') - (kindOf(b) === 'ok')).slice(0, 200);
    if (!rows.length) return null;
    const words = `${amount(upstream.requests.total)} requests, ${amount(upstream.requests.errors)} errors, ${amount(upstream.requests.rescued)} rescued; ` +
      `${amount(upstream.requests_admitted)} of ${amount(upstream.requests_limit)} let in, ${amount(upstream.requests_waiting)} waiting` + lookedUp(upstream.discovery);
    const titles = ['endpoint', 'state', 'per second', 'requests', 'faults', 'in flight', 'expected', 'weight', '', 'why'];
    return h('div', { className: 'upstream' }, h('h3', {}, upstream.name, ' ', h('span', { className: 'quiet' }, words)),
      h('table', {}, h('thead', {}, h('tr', {}, ...titles.map((t, i) => h('th', { className: i < 2 || i === 9 ? 'left' : '' }, t)))),
        h('tbody', {}, ...rows.map(e => endpointRow(upstream.name, e, earlier.get(upstream.name + ' ' + e.address), seconds)))));
  });
  replaceUnlessUsed(by('upstreams'), blocks.filter(Boolean));
}

function endpointRow(upstream, endpoint, before, seconds) {
  const rate = before && seconds > 0 ? Math.max(0, endpoint.requests - before.requests) / seconds : 0;
  const drains = endpoint.state === 'draining';
  const since = endpoint.standing_for_seconds !== undefined && endpoint.state !== 'up' ? ` for ${span(endpoint.standing_for_seconds)}` : '';
  const extra = value => h('td', { className: 'extra' }, value);
  return h('tr', { 'data-row': `endpoint ${upstream} ${endpoint.address}` },
    h('td', { title: `from ${endpoint.from}` }, endpoint.address), h('td', { className: 'left ' + kindOf(endpoint) }, '● ' + endpoint.state + (drains ? '' : since)),
    h('td', {}, amount(rate)), extra(amount(endpoint.requests)), extra(amount(endpoint.faults)), extra(amount(endpoint.requests_in_flight)),
    extra(duration(endpoint.expected_ms)),
    extra(endpoint.weight === endpoint.weight_configured ? String(endpoint.weight) : `${endpoint.weight} (file: ${endpoint.weight_configured})`),
    h('td', {}, h('button', { type: 'button', onclick: () => drain(upstream, endpoint.address, !drains) }, drains ? 'Undrain' : 'Drain')),
    h('td', { className: 'why quiet' }, endpoint.reason + (drains && endpoint.requests_in_flight ? `; ${many(endpoint.requests_in_flight, 'request')} still under way` : '')));
}

/** What has the focus must not be pulled away from under a hand. */
function replaceUnlessUsed(parent, children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.closest('[data-row]') : null;
  const key = focused && focused.getAttribute('data-row');
  parent.replaceChildren(...children);
  const again = key && rowElement(key);
  if (again && again.querySelector('button')) again.querySelector('button').focus({ preventScroll: true });
}

function drawEvents() {
  by('events').replaceChildren(...state.events.map(event =>
    h('li', {}, h('time', { dateTime: event.time }, clock(event.time)), event.text)));
}

function drawConfig() {
  const shown = state.config.filter(v => (by('all-values').checked || v.origin === 'given' || state.filter) && fits(v.key + ' ' + v.value));
  by('config').replaceChildren(h('tbody', {}, ...shown.map(value =>
    h('tr', { className: value.origin, title: value.place || value.origin }, h('td', {}, value.key), h('td', {}, value.value)))));
}

// One request -------------------------------------------------------------------------------------

async function showRequest(id) {
  state.record = await ask('records/' + encodeURIComponent(id)).catch(error => ({ id, error: error.message }));
  by('request').hidden = false;
  drawRequest();
  by('request').scrollIntoView({ block: 'nearest' });
}

function drawRequest() {
  const record = state.record;
  if (!record || by('request').hidden) return;
  by('request-id').textContent = record.id;
  if (record.error) by('waterfall').replaceChildren(h('p', {}, `${record.error}. Kept are requests that failed or were rescued, and some of the others.`));
  else by('waterfall').replaceChildren(...requestStory(record));
}

/** The parts of an attempt that take time, in their order: [kind, from, to] in milliseconds. */
function partsOf(attempt) {
  const parts = [];
  let at = attempt.at_ms;
  const put = (kind, ms) => { if (ms > 0) { parts.push([kind, at, at + ms]); at += ms; } };
  put('connect', attempt.connect_ms);
  put('tls', attempt.tls_ms);
  put('wait', attempt.first_byte_ms);
  const end = attempt.at_ms + attempt.ms;
  if (end > at) parts.push(['body', at, end]);
  if (attempt.fault && parts.length) parts.at(-1)[0] = 'failed';
  return parts;
}

function requestStory(record) {
  const line = 34, width = Math.max(by('waterfall').clientWidth, 300), left = width < 600 ? 150 : 210;
  const total = Math.max(record.ms, 0.01), scale = (width - left - 70) / total;
  const svg = s('svg', { class: 'fall', height: 26 + line * Math.max(record.attempts.length, 1), viewBox: `0 0 ${width} ${26 + line * Math.max(record.attempts.length, 1)}`, role: 'img' });
  const put = (x, y, text, name = '') => { const node = s('text', { x, y, class: name }); node.textContent = text; svg.append(node); };
  put(left, 15, '0'); put(width - 64, 15, duration(record.ms));
  if (record.queue_ms) svg.append(s('rect', { class: 'queue', x: left, y: 22, height: line * record.attempts.length, width: record.queue_ms * scale }));
  record.attempts.forEach((attempt, i) => {
    const y = 24 + i * line;
    put(8, y + 14, `${i + 1}. ${attempt.endpoint}`, 'name');
    put(8, y + 27, attempt.fault ? attempt.fault.name : attempt.lost ? 'another was faster' : `answered ${attempt.status || ''}`);
    for (const [kind, from, to] of partsOf(attempt)) {
      const bar = s('rect', { class: kind, x: left + from * scale, y: y + 4, height: 14, width: Math.max((to - from) * scale, 2) });
      const tip = s('title'); tip.textContent = `${kind}: ${duration(to - from)}`; bar.append(tip); svg.append(bar);
    }
    put(Math.min(left + (attempt.at_ms + attempt.ms) * scale + 4, width - 60), y + 15, duration(attempt.ms));
  });
  const lines = record.attempts.flatMap((a, i) => (a.fault ? [`Attempt ${i + 1} at ${a.endpoint}: ${a.fault.meaning} ${(a.evidence || []).join('; ')} ${a.then || ''}`] : []));
  return [h('p', {}, `${record.request.method} ${record.request.host}${record.request.target}: ${record.summary}`), svg,
          h('ul', { className: 'story' }, ...lines.map(text => h('li', {}, text)), record.fault ? h('li', {}, 'What to do: ' + record.fault.remedy) : null)];
}

// Hands -------------------------------------------------------------------------------------------

/** A question that is answered with yes or no. */
function confirmed(title, text, yes) {
  by('sure-title').textContent = title;
  by('sure-text').textContent = text;
  by('sure-yes').textContent = yes;
  by('sure').returnValue = 'no';
  by('sure').showModal();
  return new Promise(done => by('sure').addEventListener('close', () => done(by('sure').returnValue === 'yes'), { once: true }));
}
const inform = (title, text) => confirmed(title, text, 'I see');

async function drain(upstream, endpoint, drains) {
  const others = state.status.upstreams.find(u => u.name === upstream).endpoints.filter(e => e.address !== endpoint && kindOf(e) === 'ok');
  const warning = others.length ? '' : ' Nobody else of this upstream is there: its requests will be refused with 503.';
  const text = drains ? `No new requests go to ${endpoint}; those under way end as they would.${warning}` : `${endpoint} gets its share again.`;
  if (await confirmed(drains ? `Drain ${endpoint} of ${upstream}?` : `End the drain of ${endpoint}?`, text, drains ? 'Drain' : 'Undrain'))
    order(`endpoints/${drains ? 'drain' : 'undrain'}`, { endpoint, upstream });
}

async function drainGateway() {
  const drains = state.status && state.status.ready;
  const text = drains ? 'Load balancers that ask /ready are told to send nobody here. Whoever comes is served all the same.' : '/ready says 200 again.';
  if (await confirmed(drains ? 'Drain this gateway?' : 'End this gateway’s drain?', text, 'Do it'))
    order(`gateway/${drains ? 'drain' : 'undrain'}`, {});
}

const rowElements = () => [...document.querySelectorAll('[data-row]')];
const rowElement = key => rowElements().find(row => row.getAttribute('data-row') === key);

function markChosen() {
  for (const row of rowElements()) row.classList.toggle('chosen', row.getAttribute('data-row') === state.chosen);
}

function move(step) {
  const keys = rowElements().map(row => row.getAttribute('data-row'));
  const at = keys.indexOf(state.chosen);
  const next = at < 0 ? (step > 0 ? 0 : keys.length - 1) : Math.min(Math.max(at + step, 0), keys.length - 1);
  state.chosen = keys[next] || null;
  markChosen();
  const row = state.chosen && rowElement(state.chosen);
  if (row) row.scrollIntoView({ block: 'nearest' });
}

function openChosen() {
  const [kind, id] = (state.chosen || '').split(' ');
  if (kind === 'incident') toggleIncident(id);
}

function drainChosen() {
  const [kind, upstream, address] = (state.chosen || '').split(' ');
  const row = kind === 'endpoint' && rowElement(state.chosen);
  if (row) drain(upstream, address, !row.textContent.includes('● draining'));
}

function turnTheme() {
  const isDark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = isDark ? 'light' : 'dark';
  localStorage.setItem('theme', document.documentElement.dataset.theme);
}

function clear() {
  by('find').value = state.filter = '';
  by('find').blur();
  by('request').hidden = true;
  state.chosen = null;
  state.opened.clear();
  drawConfig();
  draw();
}

const keys = {
  j: () => move(1), k: () => move(-1), Enter: openChosen, d: drainChosen, t: turnTheme, Escape: clear,
  '/': () => by('find').focus(), '?': () => by('keys').showModal(), p: () => { state.isHeld = !state.isHeld; draw(); },
};

document.addEventListener('keydown', event => {
  const isTyping = event.target.matches('input') && event.key !== 'Escape';
  const isOnButton = event.key === 'Enter' && event.target.matches('button, a');
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
  if (isTyping || isOnButton || hasModifier || document.querySelector('dialog[open]') || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
by('search').addEventListener('submit', event => {
  event.preventDefault();
  const text = by('find').value.trim();
  if (/^[0-9a-f-]{8,}$/i.test(text)) showRequest(text);
});
by('find').addEventListener('input', () => {
  state.filter = by('find').value.trim().toLowerCase();
  if (/^[0-9a-f-]{8,}$/.test(state.filter)) state.filter = '';
  drawConfig();
  draw();
});
by('token-form').addEventListener('submit', event => {
  event.preventDefault();
  state.token = by('token-text').value.trim();
  sessionStorage.setItem('token', state.token);
  by('token').close();
  loadConfig();
  loadIncidents();
});
by('gateway').addEventListener('click', drainGateway);
by('help').addEventListener('click', () => by('keys').showModal());
by('all-values').addEventListener('change', drawConfig);
addEventListener('resize', () => { draw(); drawRequest(); });
setInterval(drawVerdict, 1000);

if (localStorage.getItem('theme')) document.documentElement.dataset.theme = localStorage.getItem('theme');
loadConfig();
loadIncidents();
run();
