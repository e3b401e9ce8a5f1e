// Tables that are wider than their place scroll within it: a keyboard must reach them then, and only then.
import { onReady } from "./page.js";

function settle(region) {
  const scrolls = region.scrollWidth > region.clientWidth;
  const name = region.querySelector("caption")?.textContent.trim();
  const wanted = { tabindex: "0", ...(name && { role: "region", "aria-label": name }) };
  for (const [key, value] of Object.entries(wanted)) {
    if (scrolls) region.setAttribute(key, value);
    else region.removeAttribute(key);
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const entry of entries) settle(entry.target.closest(".scroll"));
});

onReady((root) => {
  for (const region of root.querySelectorAll(".scroll")) {
    settle(region);
    sizes.observe(region);
    if (region.firstElementChild) sizes.observe(region.firstElementChild);
  }
});
