// One clip after the other: its labels are kept, changed, or it is dropped. Decisions live in this browser.
const audit = JSON.parse(document.getElementById("audit-data").textContent);
const at = (id) => document.getElementById(id);
const store = `fat_tf audit ${audit.key}`;
const decisions = new Map(Object.entries(readStore()));  // by id: {action, labels}
const past = [];  // [id, decision before]
let shown = [], current = 0;

function readStore() {
  try { return JSON.parse(localStorage.getItem(store)) ?? {}; } catch { return {}; }
}
function writeStore() {
  try { localStorage.setItem(store, JSON.stringify(Object.fromEntries(decisions))); }
  catch { at("state").textContent = "This browser keeps nothing for pages from the disk: save before you close it."; }
}
function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
const clip = () => shown[current];
const labelsOf = (of) => decisions.get(of.id)?.labels ?? of.labels;
const same = (a, b) => a.length === b.length && a.every((label) => b.includes(label));

// Decisions
function decide(action, labels) {
  const id = clip().id;
  past.push([id, decisions.get(id)]);
  decisions.set(id, {action, labels});
  writeStore();
}
const fix = (labels) => decide(same(labels, clip().labels) ? "keep" : "fix", labels);
function toggle(label) {
  const labels = labelsOf(clip());
  fix(labels.includes(label) ? labels.filter((one) => one !== label) : [...labels, label]);
  show();
}
function undo() {
  const last = past.pop();
  if (!last) return;
  const [id, before] = last;
  if (before) decisions.set(id, before); else decisions.delete(id);
  writeStore();
  choose();
  const place = shown.findIndex((one) => one.id === id);
  if (place >= 0) current = place;
  show();
}
function decideAndGoOn(action, labels) {
  if (!clip()) return;
  decide(action, labels);
  go(1);
}
function go(step) {
  current = Math.max(0, Math.min(shown.length - 1, current + step));
  show();
  if (clip()?.sound) at("player").play().catch(() => {});
}

// What is shown
function choose() {
  const kept = clip()?.id, [ofClass, doubt, state] = ["by-class", "by-doubt", "by-state"].map((id) => at(id).value);
  shown = audit.clips.filter((one) =>
    (!ofClass || one.labels.includes(ofClass) || one.suggested.includes(ofClass)) &&
    (!doubt || one.doubt === doubt) &&
    (!state || decisions.has(one.id) === (state === "decided")));
  current = Math.max(0, shown.findIndex((one) => one.id === kept));
  at("list").replaceChildren(...shown.map((one, place) => {
    const button = element("button", undefined, {type: "button"});
    button.append(element("code", one.fname), element("small", one.labels.join(", ") || "background", {dir: "auto"}));
    button.addEventListener("click", () => { current = place; show(); });
    const item = element("li");
    item.append(button);
    return item;
  }));
}
function show() {
  const of = clip(), decision = of && decisions.get(of.id);
  at("card").hidden = !of;
  at("empty").hidden = Boolean(of);
  showProgress();
  showList();
  if (!of) return;
  at("rank").textContent = `${of.rank}.`;
  at("fname").textContent = of.fname;
  at("why").textContent = of.why;
  showSound(of);
  at("labels").replaceChildren(...labelButtons(of));
  at("top").replaceChildren(...of.top.map(topButton));
  at("suggested").textContent = of.suggested.join(", ") || "none of the classes";
  at("replace").disabled = same(labelsOf(of), of.suggested);
  at("undo").disabled = !past.length;
  at("unknown").textContent = "";
  at("state").textContent = decision ? inWords(decision, of) : "";
}
function inWords({action, labels}, of) {
  if (action === "drop") return "Dropped: it will not be trained on.";
  if (action === "keep") return "Its labels are right.";
  return `Changed: ${of.labels.join(", ") || "background"} → ${labels.join(", ") || "background"}.`;
}
function showProgress() {
  const done = audit.clips.filter((one) => decisions.has(one.id)).length;
  at("progress").max = audit.clips.length;
  at("progress").value = done;
  at("progress-text").textContent = `${done} of ${audit.clips.length} decided` +
    (shown.length < audit.clips.length ? `, ${shown.length} shown` : "");
}
function showList() {
  [...at("list").children].forEach((item, place) => {
    const button = item.firstChild, decision = decisions.get(shown[place].id);
    button.classList.toggle("decided", Boolean(decision));
    button.toggleAttribute("aria-current", place === current);
    button.firstChild.textContent = `${decision ? {keep: "✓ ", fix: "✎ ", drop: "✕ "}[decision.action] : ""}${shown[place].fname}`;
    if (place === current) button.scrollIntoView({block: "nearest"});
  });
}
function showSound(of) {
  at("no-sound").hidden = Boolean(of.sound);
  at("player").hidden = !of.sound;
  at("picture").hidden = !of.sound;
  at("no-sound").textContent = of.sound ? "" : `No sound: ${of.without}`;
  if (!of.sound) { at("player").removeAttribute("src"); return; }
  at("picture").alt = `Log-mel of ${of.fname}`;
  if (at("picture").getAttribute("src") !== `${of.sound}.png`) {
    at("picture").src = `${of.sound}.png`;
    at("player").src = `${of.sound}.mp3`;
    at("player").setAttribute("aria-label", of.fname);
    document.querySelector(".playhead").style.visibility = "hidden";
  }
}
function labelButtons(of) {
  const labels = labelsOf(of);
  if (!labels.length) return [element("span", "no label: background", {class: "quiet"})];
  return labels.map((label) => {
    const button = element("button", undefined, {type: "button", "aria-label": `Remove ${label}`});
    button.append(element("bdi", label), " ✕");
    button.addEventListener("click", () => toggle(label));
    return button;
  });
}
function topButton([label, score], place) {
  const chosen = labelsOf(clip()).includes(label);
  const button = element("button", undefined, {type: "button", "aria-pressed": chosen, style: `--share: ${100 * score}%`});
  button.append(element("kbd", place + 1), element("bdi", `${label}${chosen ? " ✓" : ""}`), element("span", score.toFixed(2)));
  button.addEventListener("click", () => toggle(label));
  const item = element("li");
  item.append(button);
  return item;
}

// labels_fixed.csv
const cell = (text) => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
function csv() {
  const ranks = new Map(audit.clips.map((one, rank) => [one.id, rank]));  // those of a page with more clips come last
  const ids = [...decisions.keys()].sort((a, b) => (ranks.get(a) ?? Infinity) - (ranks.get(b) ?? Infinity) || 0);
  const rows = ids.map((id) => {
    const {action, labels} = decisions.get(id), slash = id.indexOf("/");
    return [id.slice(slash + 1), labels.join(","), id.slice(0, slash), action];
  });
  return [["fname", "labels", "source", "action"], ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
}
function elsewhere(ids) {
  const here = new Set(audit.clips.map((one) => one.id)), others = ids.filter((id) => !here.has(id)).length;
  return others ? `, ${others} of them of clips that are not on this page` : "";
}
function save() {
  const link = element("a", undefined, {download: "labels_fixed.csv"});
  link.href = URL.createObjectURL(new Blob([csv()], {type: "text/csv"}));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  at("state").textContent = `Saved ${decisions.size} decisions as labels_fixed.csv${elsewhere([...decisions.keys()])}.`;
}
function cells(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end && end !== ",") rows.push([]);
    if (!end) break;
  }
  return rows.filter((row) => row.length > 1);
}
async function load(file) {
  const [head, ...rows] = cells(await file.text());
  const place = Object.fromEntries((head ?? []).map((name, column) => [name, column]));
  if (["fname", "labels", "source", "action"].some((name) => !(name in place))) {
    at("state").textContent = `${file.name} was not saved by this page: it needs fname, labels, source and action.`;
    return;
  }
  const ids = rows.map((row) => `${row[place.source]}/${row[place.fname]}`);
  rows.forEach((row, line) => decisions.set(ids[line], {action: row[place.action], labels: row[place.labels].split(",").filter(Boolean)}));
  writeStore();
  choose();
  show();
  at("state").textContent = `Loaded ${rows.length} decisions of ${file.name}${elsewhere(ids)}.`;
}

// Controls
const player = at("player");
const keys = {
  " ": () => player.paused ? player.play().catch(() => {}) : player.pause(),
  k: () => decideAndGoOn("keep", clip().labels),
  d: () => decideAndGoOn("drop", clip().labels),
  r: () => { if (clip() && !at("replace").disabled) { fix(clip().suggested); go(1); } },
  a: () => at("add").focus(),
  u: undo,
  s: save,
  ArrowRight: () => go(1),
  ArrowLeft: () => go(-1),
  "?": () => at("keys").showModal(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || at("keys").open) return;
  const {target, key} = event;
  if (key === "Escape" && target === at("add")) { target.blur(); return; }
  if (target.matches("input, select, audio") || (target.matches("button, summary") && [" ", "Enter"].includes(key))) return;
  const digit = Number(key);
  const act = digit >= 1 && clip()?.top[digit - 1] ? () => toggle(clip().top[digit - 1][0]) : keys[key];
  if (!act || !clip() && !["?", "s", "u"].includes(key)) return;
  event.preventDefault();
  act();
});
for (const [id, key] of Object.entries({keep: "k", drop: "d", replace: "r", undo: "u", save: "s", previous: "ArrowLeft", next: "ArrowRight", help: "?"})) {
  at(id).addEventListener("click", () => keys[key]());
}
for (const id of ["by-class", "by-doubt", "by-state"]) at(id).addEventListener("change", () => { choose(); show(); });
at("load").addEventListener("change", ({target}) => { if (target.files[0]) load(target.files[0]); target.value = ""; });
at("add-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const label = at("add").value.trim(), spelled = (one) => one.toLowerCase() === label.toLowerCase();
  const known = audit.classes.includes(label) ? label : audit.classes.find(spelled);
  if (!known) { at("unknown").textContent = label ? `There is no class ${label}.` : ""; return; }
  at("add").value = "";
  at("add").blur();
  if (!labelsOf(clip()).includes(known)) toggle(known);
});
for (const name of audit.classes) {
  at("classes").append(element("option", undefined, {value: name}));
  at("by-class").append(element("option", name, {value: name}));
}
for (const [doubt, words] of Object.entries(audit.doubts)) at("by-doubt").append(element("option", words, {value: doubt}));
const restored = decisions.size;
choose();
show();
if (restored) at("state").textContent = `${restored} decisions of before are here again.`;
