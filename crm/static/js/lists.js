/* Ticking rows: all of the page, a range with Shift, and how many there are. */
const boxes = (form) => [...form.elements].filter((box) => box.matches("td.check input"));
let last;

function count(form) {
  const all = boxes(form);
  const ticked = all.filter((box) => box.checked).length;
  for (const output of form.querySelectorAll("[data-ticked]")) output.value = ticked;
  const head = [...form.elements].find((box) => box.matches("[data-select-all]"));
  if (!head) return;
  head.checked = ticked > 0 && ticked === all.length;
  head.indeterminate = ticked > 0 && ticked < all.length;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("td.check input, [data-select-all]");
  const form = box?.form;
  if (!form) return;
  const all = boxes(form);
  if (box.matches("[data-select-all]")) for (const each of all) each.checked = box.checked;
  else {
    if (event.shiftKey && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const each of all.slice(from, to + 1)) each.checked = box.checked;
    }
    last = box;
  }
  count(form);
});

// A browser that goes back restores ticks without telling.
addEventListener("pageshow", () => document.querySelectorAll("[data-select-all]").forEach((head) => head.form && count(head.form)));
