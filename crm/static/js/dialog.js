/* <a data-dialog href> shows the page's main part in a dialog; without the script, or when fetching fails, it is the page. */
const dialog = () => document.getElementById("dialog");

async function content(url) {
  const response = await fetch(url, {headers: {Accept: "text/html"}});
  if (!response.ok || response.redirected) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = page.querySelector("main");
  main.querySelector(".messages")?.remove();
  return [...main.childNodes];
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !dialog()) return;
  event.preventDefault();
  link.closest("details[data-menu]")?.removeAttribute("open");
  try {
    const close = document.getElementById("dialog-close").content.cloneNode(true);
    dialog().replaceChildren(close, ...(await content(link.href)));
    dialog().setAttribute("aria-label", dialog().querySelector("h1")?.textContent ?? link.textContent);
    htmx.process(dialog());
    dialog().showModal();
  } catch {
    location.assign(link.href);
  }
});

document.addEventListener("click", (event) => {
  if (event.target === dialog() || event.target.closest("dialog [data-close]")) dialog().close();
});
