// Drafts save themselves: 600 ms after a change the form is posted to its data-autosave address, which answers JSON
// {version, saved}, or 409 with both texts. What is not taken (no connection, no session, a number nobody can read)
// is kept in this browser and offered back. A form with data-guard only warns before its text is lost.
import { element, icon, onReady, text } from "./page.js";

const DELAY = 600;
const RETRY = 15_000;
const NOT_KEPT = new Set(["csrf_token", "version"]);
const states = new WeakMap();

function stateOf(form) {
  if (!states.has(form)) states.set(form, { unsaved: false, timer: 0, busy: false, again: false, submitter: undefined });
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

function keep(form) {
  const fields = textOf(form);
  const time = new Date().toTimeString().slice(0, 5);
  sessionStorage.setItem(keyOf(form), JSON.stringify({ time, fields }));
}

async function save(form, leaving = false) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  if (state.busy) {
    state.again = true;
    return;
  }
  state.busy = true;
  state.unsaved = false;
  show(form, text("saving"), "mut");
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body: fieldsOf(form),
      headers: { "HX-Request": "true", "X-Autosave": "1", Accept: "application/json, text/html" },
      keepalive: leaving,
    });
    await settle(form, answer);
  } catch {
    lost(form, "offline");
    state.timer = setTimeout(() => save(form), RETRY);
  }
  state.busy = false;
  const { again, submitter } = state;
  state.again = false;
  state.submitter = undefined;
  if (submitter !== undefined) form.requestSubmit(submitter);
  else if (again) await save(form);
}

async function settle(form, answer) {
  if (answer.ok) {
    const { version, saved } = await answer.json();
    const field = form.elements.namedItem("version");
    if (field && version !== undefined) field.value = version;
    sessionStorage.removeItem(keyOf(form));
    show(form, text("saved", { time: saved }));
  } else if (answer.status === 409) {
    conflict(form, await answer.text());
  } else if (answer.status === 422) {
    lost(form, "refused");
  } else {
    lost(form, answer.status === 401 || answer.status === 400 ? "expired" : "offline");
  }
}

function lost(form, why) {
  stateOf(form).unsaved = true;
  keep(form);
  show(form, text(why), "warn");
}

/** Somebody saved meanwhile: show what the server says, keep what was typed, and stop saving over it. */
function conflict(form, html) {
  stateOf(form).unsaved = true;
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
  if (!form.dataset.autosave || "conflicted" in form.dataset) return;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form), DELAY);
}

const guarded = () => [...document.querySelectorAll("form[data-autosave], form[data-guard]")];

document.addEventListener("input", changed);
document.addEventListener("change", changed);
document.addEventListener("submit", (event) => {
  const state = stateOf(event.target);
  clearTimeout(state.timer);
  if (sessionStorage.getItem(keyOf(event.target))) keep(event.target);
  if (state.busy) {
    // the answer under way brings the version that this form must name
    event.preventDefault();
    state.submitter = event.submitter;
    return;
  }
  state.unsaved = false;
});
addEventListener("beforeunload", (event) => {
  if (guarded().some((form) => stateOf(form).unsaved)) event.preventDefault();
});
addEventListener("online", () => {
  for (const form of guarded()) if (form.dataset.autosave && stateOf(form).unsaved) save(form);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const form of guarded()) {
    const waits = form.dataset.autosave && stateOf(form).unsaved && !("conflicted" in form.dataset);
    if (waits) save(form, true);
  }
});
onReady((root) => root.querySelectorAll("form[data-autosave]").forEach(offer));
