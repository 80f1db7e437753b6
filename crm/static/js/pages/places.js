/* A field of a template is put where the text was edited last, by a click on its name. Without the script it is typed. */
let last = document.querySelector("#template-form textarea");
document.addEventListener("focusin", ({target}) => {
  if (target.matches("#template-form textarea, #template-form [name^=subject]")) last = target;
});

for (const place of document.querySelectorAll("code[data-insert]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "linklike";
  button.append(place.cloneNode(true));
  button.addEventListener("click", () => {
    last.setRangeText(place.textContent, last.selectionStart, last.selectionEnd, "end");
    last.focus();
    last.dispatchEvent(new Event("input", {bubbles: true}));
  });
  place.replaceWith(button);
}
