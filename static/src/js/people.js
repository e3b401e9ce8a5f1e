// Choosing a person: htmx fills the list, arrows and Enter or a click choose.
import { onReady } from "./page.js";

const partsOf = (box) => ({
  input: box.querySelector("[role=combobox]"),
  list: box.querySelector("[role=listbox]"),
  chosen: box.querySelector("[data-chosen]"),
});

function open(box, isOpen) {
  const { input, list } = partsOf(box);
  list.hidden = !isOpen;
  input.setAttribute("aria-expanded", String(isOpen));
  if (!isOpen) input.removeAttribute("aria-activedescendant");
}

function choose(box, option) {
  const { input, chosen } = partsOf(box);
  input.value = option.dataset.label;
  chosen.value = option.dataset.value;
  open(box, false);
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
}

function move(box, step) {
  const { input, list } = partsOf(box);
  const options = [...list.querySelectorAll("[role=option]")];
  if (!options.length) return;
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = options.at((at + step + options.length) % options.length);
  options.forEach((option) => option.setAttribute("aria-selected", String(option === next)));
  input.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

function press(event, box) {
  const { list } = partsOf(box);
  const marked = list.querySelector("[aria-selected=true]");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") move(box, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" && marked && !list.hidden) choose(box, marked);
  else if (event.key === "Escape" && !list.hidden) open(box, false);
  else return;
  event.preventDefault();
}

// Whatever the field is called, the server is asked for ?q=.
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement.matches("[data-people] [role=combobox]"))
    ctx.request.body.set("q", ctx.sourceElement.value);
});
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-people]");
  if (box && !event.isComposing) press(event, box);
});
document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-people]");
  if (box) partsOf(box).chosen.value = ""; // another text is another person, or nobody yet
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.("[data-people] [role=option]");
  if (option) choose(option.closest("[data-people]"), option);
});
document.addEventListener("focusout", (event) => {
  const box = event.target.closest?.("[data-people]");
  if (box && !box.contains(event.relatedTarget)) setTimeout(() => open(box, false), 150); // after a click on the list
});
onReady((root) => {
  for (const box of root.querySelectorAll("[data-people]")) {
    const { input, list } = partsOf(box);
    const options = [...list.querySelectorAll("[role=option]")];
    options.forEach((option, index) => {
      option.id ||= `${list.id}-${index}`;
      option.setAttribute("aria-selected", "false");
    });
    open(box, options.length > 0 && document.activeElement === input);
  }
});
