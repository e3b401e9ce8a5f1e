// Drafts save themselves: 600 ms after a change the form is posted to its data-autosave address, which answers JSON
// {version, saved}, or 409 with both texts. What is not taken (no connection, no session, a number nobody can read)
// is kept in this browser and offered back. "Saved" stands there only while everything typed is saved; a link waits
// for what is on its way, so that the next page shows it. A form with data-guard is sent by its button alone: what is
// typed there is kept until the page that follows its sending shows that it was taken, and offered back otherwise.
import { element, icon, onReady, text } from "./page.js";

const DELAY = 600;
const RETRY = 15_000;
const PATIENCE = 3_000;
const KEEPALIVE = 60_000; // bytes: browsers refuse to finish larger requests of a page that is left
const NOT_KEPT = new Set(["csrf_token", "version"]);
const states = new WeakMap();

function stateOf(form) {
  if (!states.has(form)) {
    states.set(form, {
      unsaved: false,
      failed: false,
      timer: 0,
      edits: 0,
      busy: undefined,
      submitter: undefined,
    });
  }
  return states.get(form);
}

function show(form, words, tone = "") {
  const place = form.querySelector("[data-save-state]");
  if (!place) return;
  place.className = `save ${tone}`;
  place.replaceChildren(...(tone ? [] : [icon("check")]), words);
}

/** The form's fields as the server gets them, without files: those go with the real submit. */
function fieldsOf(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}

const keyOf = (form) => `kept:${location.pathname}:${form.id}`;

const textOf = (form) => [...fieldsOf(form)].filter(([name]) => !NOT_KEPT.has(name));

/** sent: by whom the form is being sent, from where. */
function keep(form, sent) {
  const fields = textOf(form);
  const time = new Date().toTimeString().slice(0, 5);
  sessionStorage.setItem(keyOf(form), JSON.stringify({ time, fields, sent }));
}

/** Of the session: another one once somebody has to sign in. */
const token = () => document.querySelector("[name=csrf_token]")?.value;

const here = () => location.href.split("#")[0];

/** What was sent from the page before and taken is kept no more; what was refused, or met no session, is. */
function forget() {
  const [way] = performance.getEntriesByType("navigation");
  const isAnswer = way?.type === "navigate" && !(way.responseStatus >= 400);
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith("kept:"))) {
    const { sent, ...kept } = JSON.parse(sessionStorage.getItem(key));
    if (!sent) continue;
    if (isAnswer && sent.token === token() && sent.from === document.referrer) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(kept));
  }
}

/** Save what stands in the form; of several calls at once the last text is sent when the one under way is answered. */
async function save(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  while (state.busy) await state.busy;
  if (!state.unsaved || "conflicted" in form.dataset) return;
  state.busy = send(form, state);
  await state.busy;
  const { submitter } = state;
  state.submitter = undefined;
  if (submitter !== undefined) form.requestSubmit(submitter);
}

async function send(form, state) {
  const { edits } = state;
  show(form, text("saving"), "mut");
  try {
    const fields = fieldsOf(form);
    const size = [...fields].reduce((sum, [name, value]) => sum + 3 * value.length + name.length + 150, 0);
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body: fields,
      headers: { "HX-Request": "true", "X-Autosave": "1", Accept: "application/json, text/html" },
      keepalive: size < KEEPALIVE,
    });
    await settle(form, answer, edits);
  } catch {
    lost(form, "offline");
    state.timer = setTimeout(() => save(form), RETRY);
  }
  state.busy = undefined;
}

async function settle(form, answer, edits) {
  if (answer.ok) {
    const { version, saved } = await answer.json();
    const field = form.elements.namedItem("version");
    if (field && version !== undefined) field.value = version;
    sessionStorage.removeItem(keyOf(form));
    const state = stateOf(form);
    state.failed = false;
    if (state.edits !== edits) return;
    state.unsaved = false;
    show(form, text("saved", { time: saved }));
  } else if (answer.status === 409) {
    conflict(form, await answer.text());
  } else if (answer.status === 422) {
    lost(form, "refused", await whyOf(answer));
  } else if (answer.status === 401 || answer.status === 400) {
    lost(form, "expired");
  } else if (answer.status >= 500 || answer.status === 429) {
    lost(form, "failed");
    stateOf(form).timer = setTimeout(() => save(form), RETRY);
  } else {
    lost(form, "denied");
  }
}

/** What a refusal says of itself, if it does: {why}. */
async function whyOf(answer) {
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  return isJson ? (await answer.json()).why : undefined;
}

function lost(form, why, words) {
  Object.assign(stateOf(form), { unsaved: true, failed: true });
  keep(form);
  show(form, words ?? text(why), "warn");
  if (why !== "expired") return;
  const href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  const onclick = () => {
    keep(form);
    stateOf(form).unsaved = false; // nothing to ask on the way out: it is offered back
  };
  const link = element("a", { href, onclick, textContent: text("signin") });
  form.querySelector("[data-save-state]")?.append(" ", link);
}

/** Somebody saved meanwhile: show what the server says, keep what was typed, and stop saving over it. */
function conflict(form, html) {
  Object.assign(stateOf(form), { unsaved: true, failed: true });
  keep(form);
  form.dataset.conflicted = "";
  const page = new DOMParser().parseFromString(html, "text/html");
  const parts = (page.querySelector("#main") ?? page.body).childNodes;
  let place = form.querySelector("[data-conflict]");
  if (!place) {
    place = element("div", { className: "conflict", tabIndex: -1 });
    place.dataset.conflict = "";
    form.prepend(place);
  }
  place.replaceChildren(...parts);
  place.focus();
  show(form, "", "warn");
}

/** Text that was not saved last time: offer it back. */
function offer(form) {
  const kept = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "null");
  if (!kept || form.querySelector("[data-kept]")) return;
  if (JSON.stringify(kept.fields) === JSON.stringify(textOf(form))) {
    sessionStorage.removeItem(keyOf(form)); // it was sent after all: the page shows the same
    return;
  }
  const banner = element("div", { className: "note warn", role: "status" });
  banner.dataset.kept = "";
  const button = (name, run) => {
    const made = element("button", { type: "button", className: "btn sm", textContent: text(name) });
    made.addEventListener("click", () => {
      sessionStorage.removeItem(keyOf(form));
      run();
      banner.remove();
    });
    return made;
  };
  const row = element("div", { className: "row g2" }, text("kept", { time: kept.time }));
  row.append(
    button("restore", () => putBack(form, kept.fields)),
    button("discard", () => {}),
  );
  banner.append(icon("history", 18), row);
  form.prepend(banner);
}

function putBack(form, fields) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const [name, list] of values) {
    form.querySelectorAll(`[name="${CSS.escape(name)}"]`).forEach((field, index) => {
      if (field.type === "radio" || field.type === "checkbox") field.checked = list.includes(field.value);
      else if (field.type !== "file") field.value = list[index] ?? field.value;
    });
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function changed(event) {
  const form = event.target.closest?.("form") ?? event.target.form;
  if (!form?.matches("[data-autosave], [data-guard]")) return;
  const state = stateOf(form);
  state.unsaved = true;
  state.edits += 1;
  if (!form.dataset.autosave) {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => keep(form), DELAY);
    return;
  }
  if ("conflicted" in form.dataset) return;
  if (!state.failed) show(form, text("saving"), "mut");
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form), DELAY);
}

const guarded = () => [...document.querySelectorAll("form[data-autosave], form[data-guard]")];

/** The forms whose text is still to be saved and can be. */
const waiting = () =>
  guarded().filter((form) => {
    const { unsaved, failed } = stateOf(form);
    return form.dataset.autosave && unsaved && !failed;
  });

/** A link of this page, followed by a plain click. */
function leaves(event) {
  const link = event.target.closest?.("a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download"))
    return undefined;
  const page = ({ origin, pathname, search }) => origin + pathname + search;
  return link.origin === location.origin && page(link) !== page(location) ? link : undefined;
}

document.addEventListener("input", changed);
document.addEventListener("change", changed);
document.addEventListener("submit", (event) => {
  const state = stateOf(event.target);
  clearTimeout(state.timer);
  const isGuarded = "guard" in event.target.dataset;
  if (isGuarded && state.unsaved) keep(event.target, { from: here(), token: token() });
  else if (sessionStorage.getItem(keyOf(event.target))) keep(event.target);
  if (state.busy) {
    // the answer under way brings the version that this form must name
    event.preventDefault();
    state.submitter = event.submitter;
    return;
  }
  state.unsaved = false;
});
document.addEventListener("click", async (event) => {
  const link = leaves(event);
  const forms = link ? waiting() : [];
  if (!forms.length) return;
  event.preventDefault();
  await Promise.race([Promise.all(forms.map(save)), new Promise((done) => setTimeout(done, PATIENCE))]);
  location.assign(link.href);
});
addEventListener("beforeunload", (event) => {
  if (guarded().some((form) => stateOf(form).unsaved)) event.preventDefault();
  for (const form of waiting()) save(form);
});
addEventListener("online", () => {
  for (const form of guarded()) if (form.dataset.autosave && stateOf(form).unsaved) save(form);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") for (const form of waiting()) save(form);
});
forget();
onReady((root) => root.querySelectorAll("form[data-autosave], form[data-guard]").forEach(offer));
