// What needs the script shows itself only once the script is here (.js-only).
document.documentElement.classList.add("js");

// An extension that comes later (sse.js) must know whether htmx has already been over the page.
document.addEventListener("htmx:after:process", () => (document.documentElement.dataset.processed = ""), {once: true});

// What only a page has that somebody stays on: a bell that listens, columns that can be drawn.
for (const {dataset} of document.querySelectorAll("[data-later]")) setTimeout(() => import(dataset.later), 3000);
