// htmx: what to do with answers that are no success. The CSRF header comes from hx-headers on the body.
import "htmx.org";

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const status = ctx.response.status;
  if (status < 400) return;
  if (status === 401) {
    location.reload(); // the server leads to sign-in and back
    return;
  }
  const polls = ctx.sourceElement?.getAttribute("hx-trigger")?.startsWith("every");
  if (polls && status >= 500)
    ctx.swap = "none"; // what stands there is still true; the next poll asks again
  else if (/^\s*<!doctype/i.test(ctx.text)) ctx.select = "#main > *"; // a whole page says what went wrong
});
