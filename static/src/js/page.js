// What the other modules share: texts and icons of the page, and being told when a part of it is new.
const body = document.body;

/** A text of the page's body (data-text-NAME) with its {gaps} filled. */
export function text(name, values = {}) {
  return fill(body.dataset[`text${name[0].toUpperCase()}${name.slice(1)}`] ?? "", values);
}

export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (gap, key) => values[key] ?? gap);
}

/** An icon of the sprite, for decoration. */
export function icon(name, size = 15) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** An element with properties and children. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Run for the page as it is, and again for every part that htmx puts in. */
export function onReady(run) {
  run(document);
  document.addEventListener("htmx:after:swap", (event) => run(event.target.getRootNode()));
}

/** Is the reader typing in this element? */
export function isTyping(target) {
  return Boolean(
    target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]"),
  );
}
