/* Cards of a board are dragged to where they belong, or go there by Shift and an arrow; arrows alone walk over them.
   What is sent is what the form of a move sends; the answer puts the card where it stands and renews two heads. */
let dragged;
let home;
let wanted;

const board = () => document.querySelector("[data-deals]");
const card = (node) => node.closest?.("[data-deals] .deal");
const column = (node) => node.closest?.("[data-stage]");
const list = (section) => section.querySelector("ul");
const movable = (card) => card && !("fixed" in card.dataset) && !card.matches(".asking");
const id = (card) => (card?.matches(".deal") ? card.id.slice(5) : "");
const cards = (section) => [...section.querySelectorAll(".deal")];

async function send(card, from) {
  const seen = document.getElementById("board-news")?.dataset.seen ?? "";
  const values = {
    stage: column(card).dataset.stage,
    was: from.dataset.stage,
    above: id(card.previousElementSibling),
    below: id(card.nextElementSibling),
    list: board().dataset.deals,
    seen,
    idempotency_key: crypto.getRandomValues(new Uint32Array(4)).join("-"),
  };
  await htmx.ajax("POST", `/opportunities/${id(card)}/stage`, {source: card, target: card, swap: "outerHTML", values});
}

/* Where it came from, if what was asked for was not done. */
async function move(card, place) {
  const from = column(card);
  const back = document.createComment("");
  card.before(back);
  place();
  wanted = card;
  try {
    await send(card, from);
  } finally {
    if (card.isConnected) back.replaceWith(card);
    else back.remove();
  }
}

/* The focus goes along: to the card where it is now, or to what it is asked for. */
document.addEventListener("htmx:after:settle", () => {
  const now = wanted && document.getElementById(wanted.id);
  if (!now || now === wanted) return;
  now.querySelector(".error-summary, .row-link, select, input:not([type=hidden])")?.focus();
  wanted = undefined;
});

/* Only what can be dragged is marked, and only while a pointer is on it: without the script nothing looks as if. */
document.addEventListener("pointerover", ({target}) => {
  const over = card(target);
  if (movable(over)) over.draggable = true;
});

document.addEventListener("dragstart", (event) => {
  dragged = card(event.target);
  if (!movable(dragged)) return (dragged = undefined);
  home = {column: column(dragged), next: dragged.nextSibling};
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", id(dragged));
  requestAnimationFrame(() => dragged?.classList.add("dragged"));
});

document.addEventListener("dragover", (event) => {
  const section = dragged && column(event.target);
  if (!section) return;
  event.preventDefault();
  const over = card(event.target);
  if (over === dragged) return;
  if (!over) {
    if (!list(section).contains(dragged)) list(section).prepend(dragged);
    return;
  }
  const {top, height} = over.getBoundingClientRect();
  over[event.clientY > top + height / 2 ? "after" : "before"](dragged);
});

document.addEventListener("drop", (event) => {
  if (!dragged || !column(event.target)) return;
  event.preventDefault();
  const moved = dragged;
  const place = {section: column(moved), next: moved.nextSibling};
  dragged.classList.remove("dragged");
  dragged = undefined;
  list(home.column).insertBefore(moved, home.next);
  if (place.next === moved) return;
  move(moved, () => list(place.section).insertBefore(moved, place.next));
});

document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("dragged");
  list(home.column).insertBefore(dragged, home.next);
  dragged = undefined;
});

const steps = {ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]};

function walk(here, across, down) {
  const columns = [...board().querySelectorAll("[data-stage]")];
  if (down) return cards(column(here))[cards(column(here)).indexOf(here) + down];
  const at = cards(column(here)).indexOf(here);
  for (let to = columns.indexOf(column(here)) + across; columns[to]; to += across) {
    const there = cards(columns[to]);
    if (there.length) return there[Math.min(at, there.length - 1)];
  }
}

function shift(here, across, down) {
  if (down < 0 && here.previousElementSibling) return move(here, () => here.previousElementSibling.before(here));
  if (down > 0 && here.nextElementSibling?.matches(".deal")) return move(here, () => here.nextElementSibling.after(here));
  const columns = [...board().querySelectorAll("[data-stage]")];
  const to = across && columns[columns.indexOf(column(here)) + across];
  if (to) move(here, () => list(to).prepend(here));
}

document.addEventListener("keydown", (event) => {
  const here = card(event.target);
  const step = steps[event.key];
  if (!here || !step || here.matches(".asking") || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (!event.shiftKey) walk(here, ...step)?.querySelector(".row-link").focus();
  else if (movable(here)) shift(here, ...step);
});
