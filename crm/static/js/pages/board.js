/* Tiles of a board are dragged where they belong; what is sent is what the buttons send. */
let dragged;

const tile = (event) => event.target.closest?.("[data-board] .tile");

const name = (tile) => tile.querySelector("[name=field]").value;

/* Only what can be dragged is marked, and only while a pointer is on it: without the script nothing looks as if. */
document.addEventListener("pointerover", (event) => {
  if (tile(event)) tile(event).draggable = true;
});

document.addEventListener("dragstart", (event) => {
  dragged = tile(event);
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", name(dragged));
  requestAnimationFrame(() => dragged?.classList.add("dragged"));
});

document.addEventListener("dragover", (event) => {
  const list = dragged && event.target.closest?.(".board")?.querySelector("[data-section]");
  if (!list) return;
  event.preventDefault();
  const over = tile(event);
  if (over === dragged) return;
  if (!over) {
    if (!list.contains(dragged)) list.append(dragged);
    return;
  }
  const {left, top, width, height} = over.getBoundingClientRect();
  const across = over.offsetWidth < list.offsetWidth * 0.75;
  const late = across ? event.clientX > left + width / 2 : event.clientY > top + height / 2;
  over[late ? "after" : "before"](dragged);
});

document.addEventListener("drop", (event) => {
  const list = dragged?.closest("[data-section]");
  if (!list) return;
  event.preventDefault();
  const button = list.closest("form").querySelector("[data-drop]");
  const next = dragged.nextElementSibling ? name(dragged.nextElementSibling) : "";
  button.value = `drop ${name(dragged)} ${list.dataset.section} ${next}`.trim();
  list.closest("form").requestSubmit(button);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = undefined;
});
