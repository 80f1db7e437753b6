// What needs the script shows itself only once the script is here (.js-only).
document.documentElement.classList.add("js");

// An extension that comes later (sse.js) must know whether htmx has already been over the page.
document.addEventListener("htmx:after:process", () => (document.documentElement.dataset.processed = ""), {once: true});

// The bell listens only beside a page that somebody stays on.
const place = document.querySelector("[data-bell]")?.dataset.bell;
if (place) setTimeout(() => import(place), 3000);
